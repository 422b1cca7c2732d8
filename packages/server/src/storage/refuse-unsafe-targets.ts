import { resolve, sep } from 'node:path';
import { storeName } from './locator.ts';
import { executionTarget, type StoreConfig } from './store-config.ts';
import type { StoreRoles } from './stores.ts';

export const environments = ['development', 'test', 'production'] as const;
export type BaseEnvironment = (typeof environments)[number];

/** `production-eu` extends `production` and has its rules; a name that extends no known environment gives null. */
export function baseEnvironment(environment: string): BaseEnvironment | null {
  return environments.find((base) => environment === base || (environment.startsWith(base) && /^[-_.:/]/.test(environment.slice(base.length)))) ?? null;
}

/** What a process intends to do with its stores: use them, or empty them (`safelight reset`). */
export type StoreUse = 'serve' | 'reset';
export type StoreSetup = { environment: string; stores: readonly StoreConfig[]; roles: StoreRoles };

/** Every reason why these stores must not be used in this way, each as a sentence; none when it is safe. */
export function refuseUnsafeTargets({ environment, stores, roles }: StoreSetup, use: StoreUse = 'serve'): string[] {
  const base = baseEnvironment(environment);
  if (base === null) {
    return [
      `The environment "${environment}" extends none of ${environments.join(', ')}, so it is not known which stores are safe in it. Call it e.g. "production-eu".`,
    ];
  }
  return [
    ...stores.flatMap((store) => unsafeTarget(store, base, environment)),
    ...stores.flatMap(contradiction),
    ...(use === 'reset' ? stores.flatMap((store) => unsafeReset(store, base, environment)) : []),
    ...sharedPlaces(stores),
    ...unknownRoles(stores, roles),
  ];
}

function unsafeTarget(store: StoreConfig, base: BaseEnvironment, environment: string): string[] {
  const target = executionTarget(store);
  if (base === 'production' && target === 'mocked') {
    return [`The store ${storeName(store)} is mocked, and the environment is "${environment}": a mocked store forgets every object when the process ends.`];
  }
  if (base === 'production' && target === 'emulator') {
    return [
      `The store ${storeName(store)} runs on an emulator, and the environment is "${environment}": emulators promise neither durability nor access control.`,
    ];
  }
  if (base === 'test' && target === 'cloud') {
    return [
      `The store ${storeName(store)} is a cloud store, and the environment is "${environment}": tests write, overwrite and delete. Use an emulator, a file system or a mocked store.`,
    ];
  }
  return [];
}

/** Host names of the real providers. */
const cloudHosts = /(^|\.)(amazonaws\.com(\.cn)?|r2\.cloudflarestorage\.com|core\.windows\.net|core\.chinacloudapi\.cn|storage\.googleapis\.com)$/;

/** A target declared as an emulator with the provider's own address would let a reset empty a real bucket. */
function contradiction(store: StoreConfig): string[] {
  if (executionTarget(store) !== 'emulator') return [];
  const endpoint = endpointOf(store);
  if (endpoint === null) {
    return [
      `The store ${storeName(store)} is said to be an emulator but has no endpoint, so the SDK would talk to the real provider. Give the emulator's address.`,
    ];
  }
  const host = URL.canParse(endpoint) ? new URL(endpoint).hostname : endpoint;
  if (!cloudHosts.test(host)) return [];
  return [`The store ${storeName(store)} is said to be an emulator, but ${host} is the real provider. Say "cloud", or give the emulator's address.`];
}

function endpointOf(store: StoreConfig): string | null {
  if (store.provider === 's3' || store.provider === 'gcs') return store.endpoint ?? null;
  if (store.provider !== 'azure') return null;
  const { BlobEndpoint, UseDevelopmentStorage, EndpointSuffix } = connectionParts(store.connectionString);
  if (UseDevelopmentStorage === 'true') return 'http://127.0.0.1';
  return BlobEndpoint ?? (EndpointSuffix === undefined ? null : `https://account.blob.${EndpointSuffix}`);
}

const connectionParts = (connectionString: string): Partial<Record<string, string>> =>
  Object.fromEntries(
    connectionString.split(';').map((part) => {
      const at = part.indexOf('=');
      return [part.slice(0, at), part.slice(at + 1)];
    }),
  );

function unsafeReset(store: StoreConfig, base: BaseEnvironment, environment: string): string[] {
  const target = executionTarget(store);
  if (target === 'emulator' || target === 'mocked') return [];
  if (store.provider === 'filesystem' && base === 'development') return [];
  const what = target === 'cloud' ? 'is a cloud store' : `is a file system in the environment "${environment}"`;
  return [`The store ${storeName(store)} ${what}: a reset empties only emulators, mocked stores, and file systems in development.`];
}

/** Two stores in one place would each report the other's objects as unknown. */
function sharedPlaces(stores: readonly StoreConfig[]): string[] {
  return stores.flatMap((store, index) =>
    stores.slice(index + 1).flatMap((other) => {
      if (storeName(store) === storeName(other))
        return [`There are two stores named ${storeName(store)}. A locator could mean either; give one another location.`];
      if (store.provider !== 'filesystem' || other.provider !== 'filesystem' || !overlap(store.root, other.root)) return [];
      return [`The directories of ${storeName(store)} and ${storeName(other)} lie one in the other. Give each its own.`];
    }),
  );
}

function overlap(a: string, b: string): boolean {
  const [left, right] = [resolve(a) + sep, resolve(b) + sep];
  return left.startsWith(right) || right.startsWith(left);
}

function unknownRoles(stores: readonly StoreConfig[], roles: StoreRoles): string[] {
  const names = stores.map(storeName);
  return Object.entries(roles).flatMap(([role, name]) =>
    names.includes(name) ? [] : [`The ${role} store is to be ${name}, which is not configured. Configured: ${names.join(', ') || 'none'}.`],
  );
}
