import { describe, expect, test } from 'vitest';
import { baseEnvironment, refuseUnsafeTargets, type StoreUse } from './refuse-unsafe-targets.ts';
import type { StoreConfig } from './store-config.ts';

const cloud: StoreConfig = { provider: 's3', location: 'photos', region: 'us-east-1', executionTarget: 'cloud' };
const emulator: StoreConfig = { provider: 's3', location: 'photos', region: 'us-east-1', executionTarget: 'emulator', endpoint: 'http://127.0.0.1:4566' };
const disk: StoreConfig = { provider: 'filesystem', location: 'main', root: 'data/objects' };
const mocked: StoreConfig = { provider: 'mocked', location: 'memory' };

const refuse = (environment: string, store: StoreConfig, use: StoreUse = 'serve'): string[] =>
  refuseUnsafeTargets(
    { environment, stores: [store], roles: { staging: `${store.provider}:${store.location}`, final: `${store.provider}:${store.location}` } },
    use,
  );

describe('refuseUnsafeTargets', () => {
  test.each<[string, StoreConfig, StoreUse, boolean]>([
    ['production', cloud, 'serve', true],
    ['production', disk, 'serve', true],
    ['production', emulator, 'serve', false],
    ['production', mocked, 'serve', false],
    ['production-eu', mocked, 'serve', false],
    ['test', cloud, 'serve', false],
    ['test-ci', cloud, 'serve', false],
    ['test', emulator, 'serve', true],
    ['test', disk, 'serve', true],
    ['test', mocked, 'serve', true],
    ['development', cloud, 'serve', true],
    ['development', emulator, 'serve', true],
    ['development', mocked, 'serve', true],
    ['development', cloud, 'reset', false],
    ['development', emulator, 'reset', true],
    ['development', mocked, 'reset', true],
    ['development', disk, 'reset', true],
    ['production', disk, 'reset', false],
    ['test', disk, 'reset', false],
    ['test', emulator, 'reset', true],
    ['production', cloud, 'reset', false],
  ])('in %s, a %o to %s: allowed %s', (environment, store, use, allowed) => {
    expect(refuse(environment, store, use).length === 0).toBe(allowed);
  });

  test('lists every reason at once, each with the name of its store', () => {
    const reasons = refuseUnsafeTargets(
      { environment: 'production', stores: [mocked, emulator], roles: { staging: 'mocked:memory', final: 'gcs:nowhere' } },
      'reset',
    );
    expect(reasons).toEqual([
      expect.stringMatching(/mocked:memory.*forgets/),
      expect.stringMatching(/s3:photos.*emulator.*durability/),
      expect.stringMatching(/final store.*gcs:nowhere.*not configured/),
    ]);
  });

  test('does not believe an emulator at the address of the real provider, or without an address', () => {
    expect(refuse('development', { ...emulator, endpoint: 'https://s3.eu-west-1.amazonaws.com' })).toEqual([expect.stringContaining('amazonaws.com')]);
    expect(refuse('development', { provider: 's3', location: 'photos', region: 'us-east-1', executionTarget: 'emulator' })).toEqual([
      expect.stringContaining('no endpoint'),
    ]);
    const azure = (connectionString: string): string[] => refuse('test', { provider: 'azure', location: 'c', executionTarget: 'emulator', connectionString });
    expect(azure('AccountName=a;AccountKey=k;EndpointSuffix=core.windows.net')).toEqual([expect.stringContaining('core.windows.net')]);
    expect(azure('UseDevelopmentStorage=true')).toEqual([]);
    expect(azure('AccountName=a;AccountKey=k;BlobEndpoint=http://127.0.0.1:10000/a')).toEqual([]);
    expect(refuse('test', { provider: 'gcs', location: 'b', executionTarget: 'emulator', endpoint: 'https://storage.googleapis.com' })).toHaveLength(1);
  });

  test('refuses two stores with the same name and directories inside one another', () => {
    const roles = { staging: 'filesystem:main', final: 'filesystem:main' };
    expect(refuseUnsafeTargets({ environment: 'development', stores: [disk, disk], roles })).toEqual([
      expect.stringContaining('two stores named filesystem:main'),
    ]);
    const inner: StoreConfig = { provider: 'filesystem', location: 'inner', root: 'data/objects/inner' };
    expect(refuseUnsafeTargets({ environment: 'development', stores: [disk, inner], roles })).toEqual([expect.stringContaining('one in the other')]);
    const beside: StoreConfig = { provider: 'filesystem', location: 'beside', root: 'data/objects-2' };
    expect(refuseUnsafeTargets({ environment: 'development', stores: [disk, beside], roles })).toEqual([]);
  });

  test('accepts the rules of the environment that a name extends, and refuses a name that extends none', () => {
    expect(['production', 'production-eu', 'test_ci', 'development.anna'].map(baseEnvironment)).toEqual(['production', 'production', 'test', 'development']);
    expect(['staging', 'productive', 'testing', ''].map(baseEnvironment)).toEqual([null, null, null, null]);
    expect(refuse('staging', disk)).toEqual([expect.stringContaining('"staging"')]);
  });
});
