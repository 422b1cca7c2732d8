import { availableParallelism } from 'node:os';
import path from 'node:path';

import { contradictions, unusableFolders } from './config/contradictions.ts';
import { withDevelopmentSecrets } from './config/with-development-secrets.ts';
import { readFile, type FileValues } from './config/read-file.ts';
import { readCdn } from './config/read-cdn.ts';
import { isSet, readSettings, type ReadSetting } from './config/read-settings.ts';
import { readStorage } from './config/read-storage.ts';
import type { Address, Environment } from './config/setting-types.ts';
import type { Cdn } from './delivery/sign-cdn-url.ts';
import type { SigningKeys } from './lib/signing.ts';
import type { EngineSettings } from './processing/engine/engine.ts';
import type { Ceilings } from './policy/ceilings.ts';
import { withSmallerPreviews, type Collections } from './policy/collection.ts';
import type { ClamdOptions } from './scanning/create-clamd-scanner.ts';
import { resolveDeclaredStore } from './storage/declared-store.ts';
import { storeName } from './storage/locator.ts';
import { refuseUnsafeTargets } from './storage/refuse-unsafe-targets.ts';
import type { StoreConfig } from './storage/store-config.ts';
import type { StoreRoles } from './storage/stores.ts';

export type Config = {
  environment: Environment;
  host: string;
  port: number;
  publicUrl: string | null;
  trustedProxies: string[];
  dataDir: string;
  logLevel: string;
  /** The token that protects metrics, and an address of their own. */
  metrics: { token: string | null; listen: Address | null };
  /** The OpenTelemetry collector and the share of traced requests; without a collector nothing is traced. */
  traces: { endpoint: string | null; ratio: number };
  databaseUrl: string | null;
  databaseDirectUrl: string | null;
  redisUrl: string | null;
  databaseConnections: number;
  jwt: { secret: string | null; jwksUrl: string | null; issuer: string | null; audience: string | null };
  signingKeys: SigningKeys;
  stores: StoreConfig[];
  roles: StoreRoles;
  importAllowPrivate: string[];
  decoders: { count: number; memoryBytes: number; deadlineMs: number };
  /** The path of ffmpeg; null: on the PATH. */
  engine: EngineSettings & { concurrency: number | null };
  workerJobs: number;
  /** Null when no scan is required. */
  malwareScan: ClamdOptions | null;
  apiPrefix: string;
  corsOrigins: '*' | string[];
  uploadExpirySeconds: number;
  eventStreams: FileValues['eventStreams'];
  grants: FileValues['grants'];
  cdnPurge: FileValues['cdnPurge'];
  acceleration: FileValues['acceleration'];
  cdn: Cdn | null;
  review: FileValues['review'] & { geminiKey: string | null; geminiBaseURL: string | null; openaiKey: string | null; webhookSecret: string | null };
  webhooks: FileValues['webhooks'] & { endpoint: { url: string; secret: string; events: string[] } | null };
  generation: FileValues['generation'] & { compatible: { url: string | null; key: string | null }; webhookSecret: string | null };
  ceilings: Ceilings;
  collections: Collections;
};

/** All problems of a configuration, each a sentence with the name, the value and the wanted format. Ends the program with code 2. */
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
  const read = readSettings(env, problems);
  const environment = read('SAFELIGHT_ENV');
  const dataDir = path.resolve(cwd, read('SAFELIGHT_DATA_DIR'));
  const file = await readFile(path.resolve(cwd, read('SAFELIGHT_CONFIG')), problems);
  const active = readStorage(read, { isChosen: isSet(env, 'SAFELIGHT_STORAGE'), dataDir, environment, problems });
  const additional = file.additionalStores.map((declared) => resolveDeclaredStore(declared, env, dataDir, problems));
  const activeNames = new Set(active.stores.map(storeName));
  // During a migration, one file serves before and after the switch: a store that the environment names may stay in the list.
  const storage = { ...active, stores: [...active.stores, ...additional.filter((store) => !activeNames.has(storeName(store)))] };
  problems.push(...refuseUnsafeTargets({ environment: environment.name, ...storage }));
  const config = { environment, dataDir, ...storage, ...fromEnvironment(read), ...fromFile(read, file), cdn: readCdn(read, file, storage, problems) };
  problems.push(...undeclaredDefault(file), ...missing(config, env), ...contradictions(config), ...unusableFolders(config));
  if (problems.length > 0) throw new ConfigError(problems);
  // Production has its own secrets: otherwise it was refused above.
  return Object.freeze(withDevelopmentSecrets(config));
}

/** The settings from the environment alone. */
function fromEnvironment(read: ReadSetting) {
  const decoders = read('SAFELIGHT_DECODERS') ?? availableParallelism();
  return {
    host: read('HOST'),
    port: read('PORT'),
    publicUrl: read('PUBLIC_URL')?.replace(/\/+$/, '') ?? null,
    trustedProxies: read('SAFELIGHT_TRUSTED_PROXIES') ?? [],
    logLevel: read('SAFELIGHT_LOG_LEVEL'),
    metrics: { token: read('SAFELIGHT_METRICS_TOKEN'), listen: read('SAFELIGHT_METRICS_LISTEN') },
    traces: { endpoint: read('OTEL_EXPORTER_OTLP_ENDPOINT'), ratio: read('SAFELIGHT_TRACE_RATIO') },
    importAllowPrivate: read('SAFELIGHT_IMPORT_ALLOW_PRIVATE') ?? [],
    databaseUrl: read('DATABASE_URL'),
    databaseDirectUrl: read('DATABASE_DIRECT_URL'),
    redisUrl: read('REDIS_URL'),
    databaseConnections: read('SAFELIGHT_DATABASE_CONNECTIONS'),
    jwt: {
      secret: read('SAFELIGHT_JWT_SECRET'),
      jwksUrl: read('SAFELIGHT_JWKS_URL'),
      issuer: read('SAFELIGHT_JWT_ISSUER'),
      audience: read('SAFELIGHT_JWT_AUDIENCE'),
    },
    signingKeys: read('SAFELIGHT_SIGNING_KEYS'),
    decoders: { count: decoders, memoryBytes: read('SAFELIGHT_DECODER_MEMORY_MB') * 2 ** 20, deadlineMs: read('SAFELIGHT_DECODE_SECONDS') * 1000 },
    workerJobs: read('SAFELIGHT_WORKER_JOBS') ?? decoders + 2,
    malwareScan: malwareScanOf(read),
  };
}

function malwareScanOf(read: ReadSetting): ClamdOptions | null {
  const [silenceMs, maxBytes, address] = [read('SAFELIGHT_SCAN_SECONDS') * 1000, read('SAFELIGHT_SCAN_MAX_MB') * 2 ** 20, read('SAFELIGHT_CLAMD')];
  return read('SAFELIGHT_MALWARE_SCAN') === 'off' ? null : { address, silenceMs, maxBytes };
}

/** The settings of the file, with the secrets that belong to them and are never in files. */
function fromFile(read: ReadSetting, file: FileValues) {
  const { additionalStores: _resolved, cdn: _read, uploads, collections, ...values } = file;
  return {
    ...values,
    review: {
      ...file.review,
      geminiKey: read('GEMINI_API_KEY'),
      geminiBaseURL: read('GOOGLE_GEMINI_BASE_URL'),
      openaiKey: read('OPENAI_API_KEY'),
      webhookSecret: read('SAFELIGHT_REVIEW_WEBHOOK_SECRET'),
    },
    engine: { ffmpeg: read('FFMPEG_PATH'), ffprobe: read('FFPROBE_PATH'), ...file.engine },
    webhooks: { ...file.webhooks, endpoint: webhookEndpointOf(read) },
    generation: {
      ...file.generation,
      compatible: { ...file.generation.compatible, url: read('SAFELIGHT_GENERATION_URL'), key: read('SAFELIGHT_GENERATION_KEY') },
      webhookSecret: read('SAFELIGHT_GENERATION_WEBHOOK_SECRET'),
    },
    collections: new Map(
      Object.entries(collections).map(([name, collection]) => [
        name,
        { ...withSmallerPreviews(collection), name, isDefault: name === uploads.defaultCollection },
      ]),
    ),
  };
}

function webhookEndpointOf(read: ReadSetting): Config['webhooks']['endpoint'] {
  const [url, secret] = [read('SAFELIGHT_WEBHOOK_URL'), read('SAFELIGHT_WEBHOOK_SECRET')];
  return url === null || secret === null ? null : { url, secret, events: read('SAFELIGHT_WEBHOOK_EVENTS') };
}

function undeclaredDefault({ uploads: { defaultCollection }, collections }: FileValues): string[] {
  if (defaultCollection === null || defaultCollection in collections) return [];
  return [`uploads.defaultCollection: there is no collection "${defaultCollection}". Declared are: ${Object.keys(collections).join(', ')}.`];
}

/** A prompt check without a moderator would let nothing through. */
function unmoderated({ moderation, moderationWebhookUrl, webhookSecret }: Config['generation'], { openaiKey }: Config['review']): string[] {
  if (moderation === 'openai' && openaiKey === null)
    return ['OPENAI_API_KEY is needed with generation.moderation "openai". Set it, or turn the moderation "off".'];
  if (moderation !== 'webhook') return [];
  return [
    ...(moderationWebhookUrl === null ? ['generation.moderationWebhookUrl is needed with generation.moderation "webhook".'] : []),
    ...(webhookSecret === null
      ? ['SAFELIGHT_GENERATION_WEBHOOK_SECRET is needed with generation.moderation "webhook". Make one with: echo "whsec_$(openssl rand -base64 32)"']
      : []),
  ];
}

/** Settings that another setting requires and that are missing. */
function missing({ environment, generation, review }: Pick<Config, 'environment' | 'generation' | 'review'>, env: Env): string[] {
  const problems = unmoderated(generation, review);
  if (isSet(env, 'SAFELIGHT_WEBHOOK_URL') && !isSet(env, 'SAFELIGHT_WEBHOOK_SECRET'))
    problems.push('SAFELIGHT_WEBHOOK_SECRET is needed with SAFELIGHT_WEBHOOK_URL. Make one with: echo "whsec_$(openssl rand -base64 32)"');
  if (environment.base !== 'production') return problems;
  if (!isSet(env, 'SAFELIGHT_JWT_SECRET') && !isSet(env, 'SAFELIGHT_JWKS_URL'))
    problems.push('SAFELIGHT_JWT_SECRET or SAFELIGHT_JWKS_URL is needed in production: nobody could sign in otherwise.');
  if (!isSet(env, 'SAFELIGHT_SIGNING_KEYS'))
    problems.push('SAFELIGHT_SIGNING_KEYS is needed in production, so that every server signs URLs alike. Make one with: echo "k1:$(openssl rand -hex 32)"');
  return problems;
}
