import { readFileSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { describe, expect, test } from 'vitest';

import { temporaryDirectory } from '../test/support/temporary-directory.ts';
import { Wrong } from './config/setting-types.ts';
import { settings } from './config/settings.ts';
import { ConfigError, loadConfig, type Config } from './config.ts';
import { collectionSchema } from './policy/collection.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const secret = 'a'.repeat(32);
const production = { SAFELIGHT_ENV: 'production', SAFELIGHT_JWT_SECRET: secret, SAFELIGHT_SIGNING_KEYS: `k1:${secret}` };

async function load(env: Record<string, string> = {}): Promise<Config> {
  return await loadConfig({ SAFELIGHT_DATA_DIR: await temporaryDirectory(), ...env }, root);
}

async function problemsOf(env: Record<string, string>): Promise<string[]> {
  try {
    await load(env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

/** A configuration file in a place from which the server package is found. */
async function fileWith(text: string): Promise<string> {
  const file = path.join(await temporaryDirectory(), 'safelight.config.mjs');
  await writeFile(file, text);
  return file;
}

test('the configuration that npm start runs with loads, and is frozen', async () => {
  const config = await load();
  expect([...config.collections.keys()]).toEqual(['artist.images', 'artist.media', 'listing.photos', 'product.files', 'user.library', 'brand.assets']);
  expect(config).toMatchObject({ port: 4700, host: '127.0.0.1', environment: { name: 'development', base: 'development' }, databaseUrl: null });
  expect(Object.isFrozen(config)).toBe(true);
});

test('all problems are reported at once, each with name, value and expectation', async () => {
  const problems = await problemsOf({
    PORT: '70000',
    SAFELIGHT_LOG_LEVEL: 'loud',
    SAFELIGHT_JWT_SECRET: 'short',
    SAFELIGHT_STORAGE: 'azure',
    SAFELIGHT_CONFIG: './nowhere.ts',
    PUBLIC_URL: 'ftp://example.org',
    SAFELIGHT_JWKS_URL: 'id.example.org',
    SAFELIGHT_DECODERS: '0',
  });
  expect(problems).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^PORT is "70000"; wanted: 0 to 65535/),
      expect.stringMatching(/^SAFELIGHT_LOG_LEVEL is "loud"; wanted: fatal/),
      expect.stringMatching(/^SAFELIGHT_JWT_SECRET has 5 characters/),
      expect.stringMatching(/^AZURE_STORAGE_CONNECTION_STRING is needed/),
      expect.stringMatching(/^AZURE_STORAGE_CONTAINER is needed/),
      expect.stringMatching(/There is no file/),
      expect.stringMatching(/^PUBLIC_URL/),
      'SAFELIGHT_JWKS_URL is "id.example.org"; wanted: http(s) URL, like https://id.example.org.',
      expect.stringMatching(/^SAFELIGHT_DECODERS is "0"/),
    ]),
  );
});

test('metrics may have a token and an address of their own', async () => {
  expect((await load()).metrics).toEqual({ token: null, listen: null });
  const token = 'b'.repeat(16);
  expect((await load({ SAFELIGHT_METRICS_TOKEN: token, SAFELIGHT_METRICS_LISTEN: '[::1]:9464' })).metrics).toEqual({
    token,
    listen: { host: '::1', port: 9464 },
  });
  expect(await problemsOf({ SAFELIGHT_METRICS_TOKEN: 'short', SAFELIGHT_METRICS_LISTEN: '9464' })).toEqual([
    expect.stringMatching(/^SAFELIGHT_METRICS_TOKEN has 5 characters/),
    expect.stringMatching(/^SAFELIGHT_METRICS_LISTEN is "9464"; wanted: host:port/),
  ]);
});

test('a problem never repeats a secret', async () => {
  const problems = await problemsOf({ DATABASE_URL: 'mysql://me:hunter2@db/x', SAFELIGHT_JWT_SECRET: 'hunter2', SAFELIGHT_SIGNING_KEYS: 'k1:hunter2' });
  expect(problems).toHaveLength(3);
  expect(problems.join('\n')).not.toContain('hunter2');
});

describe('unsafe combinations are refused', () => {
  test.each([
    ['mocked storage in production', { ...production, SAFELIGHT_STORAGE: 'mocked' }, /forgets every object/],
    ['a cloud store in a test', { SAFELIGHT_ENV: 'test', SAFELIGHT_STORAGE: 's3', S3_BUCKET: 'photos' }, /tests write, overwrite and delete/],
    [
      'an emulator in production',
      { ...production, SAFELIGHT_STORAGE: 's3', SAFELIGHT_STORAGE_TARGET: 'emulator', S3_BUCKET: 'photos', AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:9000' },
      /neither durability nor access control/,
    ],
    [
      'an emulator that is the real provider',
      { SAFELIGHT_STORAGE: 's3', SAFELIGHT_STORAGE_TARGET: 'emulator', S3_BUCKET: 'photos', AWS_ENDPOINT_URL_S3: 'https://s3.eu-west-1.amazonaws.com' },
      /is the real provider/,
    ],
    ['production where nobody could sign in', { SAFELIGHT_ENV: 'production', SAFELIGHT_SIGNING_KEYS: `k1:${secret}` }, /nobody could sign in/],
    ['production that signs with a secret of its own', { SAFELIGHT_ENV: 'production-eu', SAFELIGHT_JWT_SECRET: secret }, /SAFELIGHT_SIGNING_KEYS is needed/],
    ['keys of signed URLs that name none', { ...production, SAFELIGHT_SIGNING_KEYS: ',' }, /SAFELIGHT_SIGNING_KEYS needs pairs of id:secret/],
    ['an environment nobody knows', { SAFELIGHT_ENV: 'staging' }, /extends one of them/],
  ])('%s', async (_what, env, sentence) => {
    expect((await problemsOf(env)).join('\n')).toMatch(sentence);
  });
});

test('GCS_BUCKET alone selects GCS', async () => {
  expect((await load({ GCS_BUCKET: 'photos' })).stores).toEqual([expect.objectContaining({ provider: 'gcs', location: 'photos' })]);
});

test('uploads go to the staging bucket if there is one', async () => {
  const { roles } = await load({ SAFELIGHT_STORAGE: 's3', S3_BUCKET: 'final', S3_STAGING_BUCKET: 'incoming' });
  expect(roles).toEqual({ staging: 's3:incoming', final: 's3:final' });
});

test('a configuration file is refused field by field, also for combinations of values that are valid one by one', async () => {
  const policy = `{ batchSize: 1, maxBytes: 1, minWidth: null, minHeight: null, minAspectRatio: null, maxAspectRatio: null, maxMegapixels: null, maxDurationMs: null, maxItems: null, acceptedTypes: ['*/*'], undoWindowSeconds: 0, photoReviewEnabled: true, photoReviewProvider: 'manual' }`;
  const collection = `{ entityType: null, kinds: ['image'], purposes: ['x'], singlePurposes: ['y'], ingest: 'queued', keepSource: false, visibility: 'public', gate: 'none', image: null, policy: ${policy} }`;
  const wrong = await problemsOf({ SAFELIGHT_CONFIG: await fileWith(`export default { apiPrefx: '/v2', collections: { Wrong: ${collection} } }`) });
  expect(wrong.join('\n')).toMatch(/apiPrefx/);
  expect(wrong.join('\n')).toMatch(/collections\.Wrong/);
  const contradictory = await problemsOf({ SAFELIGHT_CONFIG: await fileWith(`export default { collections: { 'a.b': ${collection} } }`) });
  expect(contradictory).toEqual([
    expect.stringContaining('keeps neither the source nor any output'),
    expect.stringContaining('gate is "none"'),
    expect.stringContaining('singlePurposes names "y"'),
  ]);
  expect((await problemsOf({ SAFELIGHT_CONFIG: await fileWith('export default {') })).join('\n')).toMatch(/could not be loaded/);
});

test('prompt checks need a configured moderator', async () => {
  const moderated = async (generation: string, env: Record<string, string> = {}) =>
    await problemsOf({ SAFELIGHT_CONFIG: await fileWith(`export default { collections: {}, generation: ${generation} }`), ...env });
  expect(await moderated(`{ moderation: 'openai' }`)).toEqual([expect.stringContaining('OPENAI_API_KEY is needed')]);
  expect(await moderated(`{ moderation: 'openai' }`, { OPENAI_API_KEY: 'sk-test' })).toEqual([]);
  expect(await moderated(`{ moderation: 'webhook' }`)).toEqual([
    expect.stringContaining('moderationWebhookUrl is needed'),
    expect.stringContaining('SAFELIGHT_GENERATION_WEBHOOK_SECRET is needed'),
  ]);
});

test('outputs of a picture are validated as a whole', () => {
  const image = (...outputs: object[]) =>
    collectionSchema.shape.image.safeParse({
      outputs: outputs.map((output) => ({ role: 'card', maxSide: 400, format: 'webp', quality: 80, animated: false, ...output })),
      blur: true,
    });
  const problems = (...outputs: object[]) => image(...outputs).error?.issues.map(({ path: at, message }) => `${at.join('.')}: ${message}`);
  expect(image({ fit: 'cover', aspectRatio: 1, position: 'attention' }).success).toBe(true);
  expect(image({}).data).toMatchObject({ dominantColour: true, thumbHash: false, keepCopyright: false, outputs: [{ fit: 'inside' }] });
  expect(problems({ fit: 'cover' })).toEqual(['outputs.0.aspectRatio: needed with fit "cover": width by height']);
  expect(problems({ aspectRatio: 1, position: 'centre' })).toHaveLength(2);
  expect(problems({ effort: 9 })).toEqual(['outputs.0.effort: at most 6 for webp']);
  expect(problems({ format: 'jpeg', effort: 1 })).toEqual(['outputs.0.effort: JPEG has none']);
  expect(problems({ role: 'source' })).toEqual(['outputs.0.role: "source" is the uploaded file itself']);
  expect(problems({}, { maxSide: 10 })).toEqual(['outputs: two outputs have the same role']);
});

test('development secrets are created once, and processes that start together agree on them', async () => {
  const dataDir = await temporaryDirectory();
  const loaded = await Promise.all(Array.from({ length: 5 }, async () => await load({ SAFELIGHT_DATA_DIR: dataDir })));
  expect(new Set(loaded.map(({ jwt }) => jwt.secret)).size).toBe(1);
  expect(loaded[0]?.jwt.secret).toHaveLength(64);
  expect((await readdir(path.join(dataDir, 'secrets'))).sort()).toEqual(['jwt', 'signing']);
});

test('every default is valid for its own row, and a wrong number is answered with the range of the table', async () => {
  for (const row of settings) if ('default' in row) expect(row.parse(row.default), row.env).not.toBeInstanceOf(Wrong);
  expect(await problemsOf({ SAFELIGHT_SCAN_MAX_MB: '4096' })).toEqual(['SAFELIGHT_SCAN_MAX_MB is "4096"; wanted: 1 to 4095.']);
});

test('every setting is documented, and no other is', () => {
  const page = readFileSync(path.join(root, 'docs/configuration.md'), 'utf8');
  const documented = [...page.matchAll(/^\| `([A-Z0-9_]+)` \|/gm)].map(([, name]) => name);
  expect(new Set(documented)).toEqual(new Set(settings.map(({ env }) => env)));
});

describe('stores beside the active one', () => {
  const withStores = (stores: string): Promise<string> => fileWith(`export default { collections: {}, additionalStores: ${stores} }`);

  test('can still be read, with credentials from the variables that the file names', async () => {
    const SAFELIGHT_CONFIG = await withStores(
      `[{ provider: 's3', location: 'old', accessKeyIdVariable: 'OLD_KEY', secretAccessKeyVariable: 'OLD_SECRET' }, { provider: 'filesystem', location: 'older', root: 'older' }]`,
    );
    const config = await load({ SAFELIGHT_CONFIG, OLD_KEY: 'key', OLD_SECRET: 'hunter2' });
    expect(config.roles).toEqual({ staging: 'filesystem:objects', final: 'filesystem:objects' });
    expect(config.stores).toEqual([
      expect.objectContaining({ provider: 'filesystem', location: 'objects' }),
      { provider: 's3', location: 'old', executionTarget: 'cloud', region: 'us-east-1', credentials: { accessKeyId: 'key', secretAccessKey: 'hunter2' } },
      { provider: 'filesystem', location: 'older', root: path.join(config.dataDir, 'older') },
    ]);
    expect((await problemsOf({ SAFELIGHT_CONFIG, OLD_KEY: 'key' })).join('\n')).toMatch(/s3:old needs OLD_SECRET, which is not set/);
  });

  test('may still list the store that has become the active one', async () => {
    const SAFELIGHT_CONFIG = await withStores(`[{ provider: 'filesystem', location: 'objects', root: 'objects' }]`);
    expect((await load({ SAFELIGHT_CONFIG })).stores).toHaveLength(1);
    expect((await load({ SAFELIGHT_CONFIG, SAFELIGHT_STORAGE: 's3', S3_BUCKET: 'new' })).stores).toHaveLength(2);
  });

  test('are refused in the same place as another store, and if the environment forbids them', async () => {
    expect(
      (await problemsOf({ SAFELIGHT_CONFIG: await withStores(`[{ provider: 'filesystem', location: 'inner', root: 'objects/inner' }]`) })).join('\n'),
    ).toMatch(/one in the other/);
    const cloud = { SAFELIGHT_ENV: 'test', SAFELIGHT_CONFIG: await withStores(`[{ provider: 's3', location: 'real' }]`) };
    expect((await problemsOf(cloud)).join('\n')).toMatch(/s3:real is a cloud store/);
  });
});
