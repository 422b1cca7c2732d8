import { randomBytes } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';

import type { z } from 'zod';

import { eventNames, isEventName } from '@safelight/contract/events';

import { importAsModule } from './lib/import-as-module.ts';
import { readValue } from './lib/read-value.ts';
import { fileSchema, settings, type EnvName } from './config-schema.ts';
import { isMessageSecret } from './egress/sign-message.ts';
import type { SigningKey } from './lib/signing.ts';
import { useFolder } from './lib/use-folder.ts';
import { withSmallerPreviews, type Ceilings, type Collections } from './policy/collection.ts';
import type { ClamdOptions } from './scanning/open-clamd-scanner.ts';
import { refuseUnsafeTargets } from './storage/refuse-unsafe-targets.ts';
import { storeName } from './storage/locator.ts';
import { resolveDeclaredStore } from './storage/declared-store.ts';
import type { StoreConfig } from './storage/store-config.ts';
import type { StoreRoles } from './storage/stores.ts';

export type Environment = { name: string; base: 'development' | 'test' | 'production' };

export type Config = {
  environment: Environment;
  host: string;
  port: number;
  publicUrl: string | null;
  trustedProxies: string[];
  dataDir: string;
  logLevel: string;
  /** Who may read them, and at which address of their own. */
  metrics: { token: string | null; listen: { host: string; port: number } | null };
  databaseUrl: string | null;
  databaseDirectUrl: string | null;
  redisUrl: string | null;
  databaseConnections: number;
  jwt: { secret: string | null; jwksUrl: string | null; issuer: string | null; audience: string | null };
  signingKeys: SigningKey[];
  stores: StoreConfig[];
  roles: StoreRoles;
  importAllowPrivate: string[];
  decoders: { count: number; memoryBytes: number; deadlineMs: number };
  /** Where ffmpeg lies; null: on the PATH. */
  engine: { ffmpeg: string | null; ffprobe: string | null };
  workerJobs: number;
  /** Null where no scan is required. */
  malwareScan: ClamdOptions | null;
  apiPrefix: string;
  corsOrigins: '*' | string[];
  uploadExpirySeconds: number;
  eventStreams: z.output<typeof fileSchema>['eventStreams'];
  grants: z.output<typeof fileSchema>['grants'];
  cdnPurge: z.output<typeof fileSchema>['cdnPurge'];
  acceleration: z.output<typeof fileSchema>['acceleration'];
  review: z.output<typeof fileSchema>['review'] & { geminiKey: string | null; openaiKey: string | null; webhookSecret: string | null };
  webhooks: z.output<typeof fileSchema>['webhooks'] & { endpoint: { url: string; secret: string; events: string[] } | null };
  generation: z.output<typeof fileSchema>['generation'] & { compatible: { url: string | null; key: string | null } };
  ceilings: Ceilings;
  collections: Collections;
};

/** Every problem of a configuration at once, each a sentence with the name, the value, the format wanted. Ends the program with 2. */
export class ConfigError extends Error {
  readonly problems: string[];
  constructor(problems: string[]) {
    super(
      `The configuration has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}:\n${problems.map((problem) => `  - ${problem}`).join('\n')}\nEvery setting is described in docs/configuration.md.`,
    );
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

type Env = Record<string, string | undefined>;

/** Reads the file and the environment into one frozen, validated Config; throws {@link ConfigError} with all problems. */
export async function loadConfig(env: Env, cwd: string): Promise<Config> {
  const problems: string[] = [];
  const read = readerOf(env, problems);

  const environment = readEnvironment(read.text('SAFELIGHT_ENV'), problems);
  const dataDir = path.resolve(cwd, read.text('SAFELIGHT_DATA_DIR'));
  const file = await readFile(path.resolve(cwd, read.text('SAFELIGHT_CONFIG')), problems);
  const jwt = {
    secret: read.optional('SAFELIGHT_JWT_SECRET'),
    jwksUrl: read.url('SAFELIGHT_JWKS_URL'),
    issuer: read.optional('SAFELIGHT_JWT_ISSUER'),
    audience: read.optional('SAFELIGHT_JWT_AUDIENCE'),
  };
  if (jwt.secret !== null && jwt.secret.length < 32) {
    problems.push(`SAFELIGHT_JWT_SECRET has ${jwt.secret.length} characters; at least 32 are needed. Make one with: openssl rand -hex 32`);
  }
  const signingKeys = readSigningKeys(read.optional('SAFELIGHT_SIGNING_KEYS'), problems);
  if (environment.base === 'production') {
    if (jwt.secret === null && jwt.jwksUrl === null)
      problems.push('SAFELIGHT_JWT_SECRET or SAFELIGHT_JWKS_URL is needed in production: nobody could sign in otherwise.');
    if (signingKeys.length === 0)
      problems.push('SAFELIGHT_SIGNING_KEYS is needed in production, so that every server signs URLs alike. Make one with: echo "k1:$(openssl rand -hex 32)"');
  }

  const active = readStorage(read, dataDir, environment, problems);
  const additional = (file?.additionalStores ?? []).map((declared) => resolveDeclaredStore(declared, env, dataDir, problems));
  const activeNames = new Set(active.stores.map(storeName));
  // While a product moves, one file serves before and after the switch: what the environment names need not be taken out of the list.
  const storage = { ...active, stores: [...active.stores, ...additional.filter((store) => !activeNames.has(storeName(store)))] };
  problems.push(...refuseUnsafeTargets({ environment: environment.name, ...storage }));
  const cores = availableParallelism();
  const count = read.integer('SAFELIGHT_DECODERS', 1, 64) ?? cores;
  const config = {
    environment,
    host: read.text('HOST'),
    port: read.integer('PORT', 0, 65_535) ?? 4700,
    publicUrl: read.url('PUBLIC_URL')?.replace(/\/+$/, '') ?? null,
    trustedProxies: (read.optional('SAFELIGHT_TRUSTED_PROXIES') ?? '')
      .split(',')
      .map((range) => range.trim())
      .filter(Boolean),
    dataDir,
    logLevel: read.oneOf('SAFELIGHT_LOG_LEVEL', ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']),
    metrics: readMetrics(read, problems),
    importAllowPrivate: (read.optional('SAFELIGHT_IMPORT_ALLOW_PRIVATE') ?? '')
      .split(',')
      .map((host) => host.trim())
      .filter(Boolean),
    databaseUrl: read.url('DATABASE_URL', ['postgres:', 'postgresql:']),
    databaseDirectUrl: read.url('DATABASE_DIRECT_URL', ['postgres:', 'postgresql:']),
    redisUrl: read.url('REDIS_URL', ['redis:', 'rediss:']),
    databaseConnections: read.integer('SAFELIGHT_DATABASE_CONNECTIONS', 2, 200) ?? 10,
    jwt,
    signingKeys,
    ...storage,
    decoders: {
      count,
      memoryBytes: (read.integer('SAFELIGHT_DECODER_MEMORY_MB', 256, 1_048_576) ?? 2048) * 2 ** 20,
      deadlineMs: (read.integer('SAFELIGHT_DECODE_SECONDS', 1, 3600) ?? 30) * 1000,
    },
    engine: { ffmpeg: read.optional('FFMPEG_PATH'), ffprobe: read.optional('FFPROBE_PATH') },
    workerJobs: read.integer('SAFELIGHT_WORKER_JOBS', 1, 64) ?? count + 2,
    malwareScan: readMalwareScan(read, problems),
    apiPrefix: file?.apiPrefix ?? '/v1',
    corsOrigins: file?.corsOrigins ?? '*',
    uploadExpirySeconds: file?.uploadExpirySeconds ?? 86_400,
    eventStreams: file?.eventStreams ?? fileSchema.shape.eventStreams.parse({}),
    grants: file?.grants ?? fileSchema.shape.grants.parse({}),
    cdnPurge: file?.cdnPurge ?? null,
    acceleration: file?.acceleration ?? fileSchema.shape.acceleration.parse({}),
    review: {
      ...(file?.review ?? fileSchema.shape.review.parse({})),
      geminiKey: read.optional('GEMINI_API_KEY'),
      openaiKey: read.optional('OPENAI_API_KEY'),
      webhookSecret: read.optional('SAFELIGHT_REVIEW_WEBHOOK_SECRET'),
    },
    webhooks: { ...(file?.webhooks ?? fileSchema.shape.webhooks.parse({})), endpoint: readWebhookEndpoint(read, problems) },
    generation: readGeneration(read, file?.generation ?? fileSchema.shape.generation.parse({})),
    ceilings: file?.ceilings ?? fileSchema.shape.ceilings.parse({}),
    collections: new Map(
      Object.entries(file?.collections ?? {}).map(([name, collection]) => [
        name,
        { ...withSmallerPreviews(collection), name, isDefault: name === file?.uploads.defaultCollection },
      ]),
    ),
  } satisfies Config;
  if (config.review.webhookSecret !== null && !isMessageSecret(config.review.webhookSecret)) {
    problems.push('SAFELIGHT_REVIEW_WEBHOOK_SECRET is none that verifiers of Standard Webhooks take. Make one with: echo "whsec_$(openssl rand -base64 32)"');
  }
  const defaultCollection = file?.uploads.defaultCollection ?? null;
  if (defaultCollection !== null && !config.collections.has(defaultCollection))
    problems.push(`uploads.defaultCollection: there is no collection "${defaultCollection}". Declared are: ${[...config.collections.keys()].join(', ')}.`);
  if (file !== null) problems.push(...contradictions(config));
  problems.push(...unusableFolders(config));
  if (problems.length > 0) throw new ConfigError(problems);
  if (environment.base !== 'production') fillInDevelopmentSecrets(config);
  return Object.freeze(config);
}

function readerOf(env: Env, problems: string[]) {
  const setting = (name: EnvName): { env: EnvName; format: string; default?: string } => {
    const found = settings.find((candidate) => candidate.env === name);
    if (found === undefined) throw new Error(`${name} is not in the table of settings`);
    return found;
  };
  const optional = (name: EnvName): string | null => env[name]?.trim() || setting(name).default || null;
  const wrong = (name: EnvName, value: string): void => void problems.push(`${name} is "${value}"; wanted: ${setting(name).format}.`);
  return {
    optional,
    isSet: (name: EnvName): boolean => Boolean(env[name]?.trim()),
    text: (name: EnvName): string => optional(name) ?? '',
    integer(name: EnvName, min: number, max: number): number | null {
      const value = optional(name);
      if (value === null) return null;
      const number = Number(value);
      if (!Number.isInteger(number) || number < min || number > max) wrong(name, value);
      return number;
    },
    url(name: EnvName, protocols: readonly string[] = ['http:', 'https:']): string | null {
      const value = optional(name);
      if (value === null) return null;
      // A URL may carry a password, so a wrong one is not repeated.
      if (!URL.canParse(value) || !protocols.includes(new URL(value).protocol)) wrong(name, '(not shown)');
      return value;
    },
    oneOf<Value extends string>(name: EnvName, allowed: readonly Value[]): Value {
      const value = optional(name);
      const found = allowed.find((candidate) => candidate === value);
      if (found === undefined) wrong(name, value ?? '');
      return found ?? (allowed[0] as Value);
    },
  };
}
type Reader = ReturnType<typeof readerOf>;

function readEnvironment(name: string, problems: string[]): Environment {
  const base = (['development', 'test', 'production'] as const).find((candidate) => name === candidate || name.startsWith(`${candidate}-`));
  if (base === undefined)
    problems.push(`SAFELIGHT_ENV is "${name}"; wanted: development, test, production, or a name that extends one of them with a dash, like production-eu.`);
  return { name, base: base ?? 'production' };
}

async function readFile(file: string, problems: string[]): Promise<z.output<typeof fileSchema> | null> {
  if (!existsSync(file)) {
    problems.push(`SAFELIGHT_CONFIG names ${file}, and there is no such file.`);
    return null;
  }
  let loaded: unknown;
  try {
    const module = await importAsModule(file);
    loaded = typeof module === 'object' && module !== null && 'default' in module ? module.default : undefined;
  } catch (cause) {
    problems.push(`${file} could not be loaded: ${cause instanceof Error ? cause.message : String(cause)}`);
    return null;
  }
  const read = readValue(fileSchema, loaded);
  if (read.problems === null) return read.data;
  for (const { field, message } of read.problems) problems.push(`${path.basename(file)}: ${field || 'the default export'}: ${message}.`);
  return null;
}

function readSigningKeys(value: string | null, problems: string[]): SigningKey[] {
  return (value ?? '')
    .split(',')
    .filter(Boolean)
    .flatMap((pair) => {
      const [id, secret] = pair.split(':');
      if (id === undefined || !/^[A-Za-z0-9_-]{1,16}$/.test(id) || secret === undefined || secret.length < 32) {
        problems.push(
          'SAFELIGHT_SIGNING_KEYS holds a pair that is not id:secret with an id of 1 to 16 letters or digits and a secret of at least 32 characters.',
        );
        return [];
      }
      return [{ id, secret }];
    });
}

function readGeneration(read: Reader, generation: z.output<typeof fileSchema>['generation']): Config['generation'] {
  return { ...generation, compatible: { ...generation.compatible, url: read.url('SAFELIGHT_GENERATION_URL'), key: read.optional('SAFELIGHT_GENERATION_KEY') } };
}

function readMalwareScan(read: Reader, problems: string[]): ClamdOptions | null {
  const mode = read.oneOf('SAFELIGHT_MALWARE_SCAN', ['off', 'required']);
  const silenceMs = (read.integer('SAFELIGHT_SCAN_SECONDS', 1, 3600) ?? 60) * 1000;
  const maxBytes = (read.integer('SAFELIGHT_SCAN_MAX_MB', 1, 4095) ?? 25) * 2 ** 20;
  const text = read.text('SAFELIGHT_CLAMD');
  const address = path.isAbsolute(text) ? { path: text } : hostAndPort(text);
  if (address === null) {
    problems.push(`SAFELIGHT_CLAMD is "${text}"; wanted: host:port, or the absolute path of a Unix socket.`);
    return null;
  }
  return mode === 'off' ? null : { address, silenceMs, maxBytes };
}

function readMetrics(read: Reader, problems: string[]): Config['metrics'] {
  const token = read.optional('SAFELIGHT_METRICS_TOKEN');
  if (token !== null && token.length < 16)
    problems.push(`SAFELIGHT_METRICS_TOKEN has ${token.length} characters; at least 16 are needed. Make one with: openssl rand -hex 16`);
  const text = read.optional('SAFELIGHT_METRICS_LISTEN');
  const listen = text === null ? null : hostAndPort(text);
  if (text !== null && listen === null) problems.push(`SAFELIGHT_METRICS_LISTEN is "${text}"; wanted: host:port, as 127.0.0.1:9464.`);
  return { token, listen };
}

function readWebhookEndpoint(read: Reader, problems: string[]): Config['webhooks']['endpoint'] {
  const [url, secret] = [read.url('SAFELIGHT_WEBHOOK_URL'), read.optional('SAFELIGHT_WEBHOOK_SECRET')];
  if (url === null) return null;
  const events = read
    .text('SAFELIGHT_WEBHOOK_EVENTS')
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);
  for (const name of events)
    if (name !== '*' && !isEventName(name)) problems.push(`SAFELIGHT_WEBHOOK_EVENTS names "${name}"; wanted: *, or some of ${eventNames.join(', ')}.`);
  if (secret === null || !isMessageSecret(secret)) {
    problems.push('SAFELIGHT_WEBHOOK_SECRET is needed with SAFELIGHT_WEBHOOK_URL. Make one with: echo "whsec_$(openssl rand -base64 32)"');
    return null;
  }
  return { url, secret, events };
}

/** An IPv6 address stands in brackets. Null when it is not both. */
function hostAndPort(text: string): { host: string; port: number } | null {
  const [, bracketed, plain, port] = /^(?:\[([0-9a-f:.]+)\]|([\w.-]+)):(\d{1,5})$/i.exec(text) ?? [];
  const host = bracketed ?? plain;
  return host === undefined || Number(port) < 1 || Number(port) > 65_535 ? null : { host, port: Number(port) };
}

function readStorage(read: Reader, dataDir: string, environment: Environment, problems: string[]): { stores: StoreConfig[]; roles: StoreRoles } {
  const chosen =
    read.isSet('SAFELIGHT_STORAGE') || !read.isSet('GCS_BUCKET') ? read.oneOf('SAFELIGHT_STORAGE', ['filesystem', 's3', 'azure', 'gcs', 'mocked']) : 'gcs';
  const executionTarget = read.oneOf('SAFELIGHT_STORAGE_TARGET', ['cloud', 'emulator']);
  const required = (name: EnvName): string => {
    const value = read.optional(name);
    if (value === null) problems.push(`${name} is needed when SAFELIGHT_STORAGE is ${chosen}.`);
    return value ?? '';
  };
  switch (chosen) {
    case 'filesystem': {
      const store: StoreConfig = { provider: 'filesystem', location: 'objects', root: path.join(dataDir, 'objects') };
      return oneStore(store);
    }
    case 'mocked': {
      const store: StoreConfig = { provider: 'mocked', location: `memory-${environment.name}` };
      return oneStore(store);
    }
    case 's3': {
      const endpoint = read.url('AWS_ENDPOINT_URL_S3');
      const shared = { provider: 's3', executionTarget, region: read.text('AWS_REGION'), ...(endpoint === null ? {} : { endpoint }) } as const;
      const final: StoreConfig = { ...shared, location: required('S3_BUCKET') };
      const stagingBucket = read.optional('S3_STAGING_BUCKET');
      const staging: StoreConfig = stagingBucket === null || stagingBucket === final.location ? final : { ...shared, location: stagingBucket };
      return { stores: staging === final ? [final] : [staging, final], roles: { staging: storeName(staging), final: storeName(final) } };
    }
    case 'azure': {
      const store: StoreConfig = {
        provider: 'azure',
        executionTarget,
        connectionString: required('AZURE_STORAGE_CONNECTION_STRING'),
        location: required('AZURE_STORAGE_CONTAINER'),
      };
      return oneStore(store);
    }
    case 'gcs': {
      const serviceAccountJson = read.optional('GCS_SERVICE_ACCOUNT_JSON');
      const endpoint = executionTarget === 'emulator' ? read.url('GCS_ENDPOINT_URL') : null;
      const store: StoreConfig = {
        provider: 'gcs',
        executionTarget,
        location: required('GCS_BUCKET'),
        ...(serviceAccountJson === null ? {} : { serviceAccountJson }),
        ...(endpoint === null ? {} : { endpoint }),
      };
      return oneStore(store);
    }
    default:
      return chosen satisfies never;
  }
}

const oneStore = (store: StoreConfig) => ({ stores: [store], roles: { staging: storeName(store), final: storeName(store) } });

/** Values that are each valid and together make no sense. */
function contradictions(config: Config): string[] {
  const problems: string[] = [];
  for (const { name, kinds, image, policy, purposes, singlePurposes, gate, keepSource, visibility } of config.collections.values()) {
    if (!kinds.includes('image') && image !== null) problems.push(`collections.${name}: has image outputs, but does not take images.`);
    if (kinds.includes('image') && image === null && !keepSource)
      problems.push(`collections.${name}: keeps neither the source nor any output; nothing would be left of an image.`);
    if (visibility === 'grant' && !keepSource) problems.push(`collections.${name}: sells files (visibility "grant"), but does not keep them. Set keepSource.`);
    if (policy.photoReviewEnabled && gate === 'none') problems.push(`collections.${name}: policy.photoReviewEnabled is true, but gate is "none".`);
    for (const purpose of singlePurposes)
      if (!purposes.includes(purpose)) problems.push(`collections.${name}: singlePurposes names "${purpose}", which is not among its purposes.`);
    if (policy.maxBytes > config.ceilings.requestBytes)
      problems.push(`collections.${name}: policy.maxBytes is ${policy.maxBytes}, above ceilings.requestBytes (${config.ceilings.requestBytes}).`);
  }
  return problems;
}

/** Only of folders that this configuration writes into: a server on a database and a bucket of others needs none. */
function unusableFolders({ dataDir, databaseUrl, environment, jwt, signingKeys, stores }: Config): string[] {
  const keepsSecrets = environment.base !== 'production' && ((jwt.secret === null && jwt.jwksUrl === null) || signingKeys.length === 0);
  const wanted = [
    ...(databaseUrl === null || keepsSecrets ? [{ setting: 'SAFELIGHT_DATA_DIR', folder: dataDir }] : []),
    ...stores.flatMap((store) => (store.provider === 'filesystem' ? [{ setting: `The store ${storeName(store)}`, folder: store.root }] : [])),
  ];
  for (const { setting, folder } of wanted) {
    const why = useFolder(folder);
    // The folder of a store lies below the other by default: one sentence says it.
    if (why !== null) return [`${setting} is ${folder}, and ${why}. Name a folder that this account may write to.`];
  }
  return [];
}

/** Outside production a missing secret is made once and kept beside the data, so that tokens survive a restart. */
function fillInDevelopmentSecrets(config: Config): void {
  const kept = (name: string): string => {
    const file = path.join(config.dataDir, 'secrets', name);
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    if (existsSync(file)) return readFileSync(file, 'utf8');
    const unfinished = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
    writeFileSync(unfinished, randomBytes(32).toString('hex'), { mode: 0o600 });
    try {
      // Whole or not at all, and never in place of another: two processes that start at once agree on one secret.
      linkSync(unfinished, file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    } finally {
      rmSync(unfinished);
    }
    return readFileSync(file, 'utf8');
  };
  if (config.jwt.secret === null && config.jwt.jwksUrl === null) config.jwt.secret = kept('jwt');
  if (config.signingKeys.length === 0) config.signingKeys.push({ id: 'dev', secret: kept('signing') });
}
