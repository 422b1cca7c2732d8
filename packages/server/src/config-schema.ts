import type { PolicyRules } from '@safelight/contract/media-rules';
import { z } from 'zod';

import { generationSchema } from './config-generation.ts';
import { ceilingsSchema, collectionSchema } from './policy/collection.ts';
import { isHostOrRange } from './egress/allowed-addresses.ts';
import { declaredStoreSchema } from './storage/declared-store.ts';

/** The environment's settings: one table that the parser, `safelight doctor` and `docs/configuration.md` all read. */
export type Setting = { env: string; group: string; format: string; default?: string; purpose: string; why?: string; secret?: true };

export const settings = [
  {
    env: 'SAFELIGHT_ENV',
    group: 'Where it runs',
    format: 'development, test, production, or a name that extends one of them with a dash',
    default: 'development',
    purpose: 'The environment.',
    why: 'Unsafe combinations are refused by it: nothing may be reset in production, nothing in a test may reach a cloud.',
  },
  {
    env: 'HOST',
    group: 'Where it runs',
    format: 'IP address or host name',
    default: '127.0.0.1',
    purpose: 'Address to listen on.',
    why: 'Loopback, so that nothing is reachable by accident.',
  },
  { env: 'PORT', group: 'Where it runs', format: '0 to 65535; 0 takes a free port', default: '4700', purpose: 'Port to listen on.' },
  {
    env: 'PUBLIC_URL',
    group: 'Where it runs',
    format: 'http(s) URL',
    purpose: 'The address under which others reach this server; the start of every URL that is given out.',
    why: 'Without it the address listened on is used.',
  },
  {
    env: 'SAFELIGHT_TRUSTED_PROXIES',
    group: 'Where it runs',
    format: 'IP addresses or CIDR ranges, separated by commas',
    purpose: 'Proxies whose Forwarded and X-Forwarded-* headers are believed.',
    why: 'Nobody is believed by default: a header is easily forged.',
  },
  {
    env: 'SAFELIGHT_CONFIG',
    group: 'Where it runs',
    format: 'path',
    default: './safelight.config.ts',
    purpose: 'The configuration file: collections, ceilings, prefix.',
  },
  {
    env: 'SAFELIGHT_DATA_DIR',
    group: 'Where it runs',
    format: 'path',
    default: './data',
    purpose: 'Where the embedded database, the filesystem store and generated development secrets live.',
  },
  {
    env: 'SAFELIGHT_LOG_LEVEL',
    group: 'Where it runs',
    format: 'fatal, error, warn, info, debug, trace or silent',
    default: 'info',
    purpose: 'How much is logged.',
  },
  {
    env: 'SAFELIGHT_METRICS_TOKEN',
    group: 'Where it runs',
    format: 'at least 16 characters',
    purpose: 'Bearer token that /metrics asks for.',
    why: 'Without it whoever reaches the server may read them: how much is asked of it and how long that takes, nothing of what is stored.',
    secret: true,
  },
  {
    env: 'SAFELIGHT_METRICS_LISTEN',
    group: 'Where it runs',
    format: 'host:port',
    purpose: 'An address of its own for /metrics, where it then is instead of beside the API.',
    why: 'So that it can lie in a network that only the scraper reaches. A worker, which answers no requests, has metrics only there.',
  },
  {
    env: 'DATABASE_URL',
    group: 'Database and events',
    format: 'postgres:// URL',
    purpose: 'An external PostgreSQL 15 or later.',
    why: 'Without it an embedded PostgreSQL runs in the data directory, for one machine.',
    secret: true,
  },
  {
    env: 'DATABASE_DIRECT_URL',
    group: 'Database and events',
    format: 'postgres:// URL',
    purpose: 'The same database past a pooler: for LISTEN and for migrations.',
    why: 'Needed when DATABASE_URL leads to a pooler in transaction mode (PgBouncer and its like), unless REDIS_URL carries the hints. Without either, changes of other processes are noticed within two seconds.',
    secret: true,
  },
  {
    env: 'SAFELIGHT_DATABASE_CONNECTIONS',
    group: 'Database and events',
    format: '2 to 200',
    default: '10',
    purpose: 'Connections in the pool of one process.',
    why: 'No connection is held while bytes move, so a few are enough.',
  },
  {
    env: 'REDIS_URL',
    group: 'Database and events',
    format: 'redis:// or rediss:// URL',
    purpose: 'A Redis that tells processes at once of each other’s events and jobs.',
    why: 'Postgres does so itself. Set it behind a pooler that does not pass LISTEN on, or when very many processes write. Nothing is kept there: when it is away, changes are noticed within two seconds.',
    secret: true,
  },
  {
    env: 'SAFELIGHT_JWT_SECRET',
    group: 'Who may call',
    format: 'at least 32 characters',
    purpose: 'Secret of HS256 bearer tokens.',
    why: 'In development one is made and kept in the data directory; elsewhere this or SAFELIGHT_JWKS_URL is required.',
    secret: true,
  },
  { env: 'SAFELIGHT_JWKS_URL', group: 'Who may call', format: 'http(s) URL', purpose: 'Key set of the identity provider whose tokens are accepted.' },
  { env: 'SAFELIGHT_JWT_ISSUER', group: 'Who may call', format: 'text', purpose: 'Required `iss` of a token.' },
  { env: 'SAFELIGHT_JWT_AUDIENCE', group: 'Who may call', format: 'text', purpose: 'Required `aud` of a token.' },
  {
    env: 'SAFELIGHT_SIGNING_KEYS',
    group: 'Who may call',
    format: 'id:secret pairs separated by commas, secrets of at least 32 characters; the first signs, all verify',
    purpose: 'Keys of signed URLs.',
    why: 'Several, so that a key can be rotated without breaking the URLs that are out.',
    secret: true,
  },
  {
    env: 'SAFELIGHT_STORAGE',
    group: 'Storage',
    format: 'filesystem, s3, azure, gcs or mocked',
    default: 'filesystem',
    purpose: 'The provider that new objects are written to.',
    why: 'GCS_BUCKET alone selects gcs.',
  },
  {
    env: 'SAFELIGHT_STORAGE_TARGET',
    group: 'Storage',
    format: 'cloud or emulator',
    default: 'cloud',
    purpose: 'Whether the provider is the real one or an emulator of it. Never persisted.',
  },
  { env: 'S3_BUCKET', group: 'Storage', format: 'bucket name', purpose: 'Bucket of final objects.' },
  { env: 'S3_STAGING_BUCKET', group: 'Storage', format: 'bucket name', purpose: 'Bucket that uploads land in.', why: 'Without it uploads land in S3_BUCKET.' },
  { env: 'AWS_REGION', group: 'Storage', format: 'region', default: 'us-east-1', purpose: 'Region of the buckets.' },
  { env: 'AWS_ENDPOINT_URL_S3', group: 'Storage', format: 'http(s) URL', purpose: 'An S3-compatible endpoint; credentials come from the SDK’s own chain.' },
  { env: 'AZURE_STORAGE_CONNECTION_STRING', group: 'Storage', format: 'connection string', purpose: 'Azure storage account.', secret: true },
  { env: 'AZURE_STORAGE_CONTAINER', group: 'Storage', format: 'container name', purpose: 'Azure container.' },
  { env: 'GCS_BUCKET', group: 'Storage', format: 'bucket name', purpose: 'Google Cloud Storage bucket.' },
  {
    env: 'GCS_SERVICE_ACCOUNT_JSON',
    group: 'Storage',
    format: 'JSON or a path to it',
    purpose: 'Service account; without it the default credentials are used.',
    secret: true,
  },
  {
    env: 'GCS_ENDPOINT_URL',
    group: 'Storage',
    format: 'http(s) URL',
    purpose: 'Address of a Google Cloud Storage emulator, for SAFELIGHT_STORAGE_TARGET=emulator.',
  },
  {
    env: 'SAFELIGHT_IMPORT_ALLOW_PRIVATE',
    group: 'Uploads',
    format: 'host or host:port, separated by commas',
    purpose: 'Hosts that files may be imported from although their addresses are not public.',
    why: 'Nothing private is reached by default: an import must not become a way into your network.',
  },
  {
    env: 'SAFELIGHT_MALWARE_SCAN',
    group: 'Malware scan',
    format: 'off or required',
    default: 'off',
    purpose: 'Whether every file has to pass ClamAV before anything is made of it.',
    why: 'When required, what could not be scanned never becomes ready: while clamd is away uploads wait or are refused for a moment.',
  },
  {
    env: 'SAFELIGHT_CLAMD',
    group: 'Malware scan',
    format: 'host:port, or the absolute path of a Unix socket',
    default: '127.0.0.1:3310',
    purpose: 'Where clamd listens.',
    why: 'Bytes go over the connection, so clamd may run on another machine and needs no access to any store.',
  },
  {
    env: 'SAFELIGHT_SCAN_SECONDS',
    group: 'Malware scan',
    format: '1 to 3600',
    default: '60',
    purpose: 'How long clamd may neither take nor say anything before it counts as away.',
  },
  {
    env: 'SAFELIGHT_SCAN_MAX_MB',
    group: 'Malware scan',
    format: '1 to 4095',
    default: '25',
    purpose: 'The largest file that is scanned; where a scan is required, a larger one is refused with file_too_large.',
    why: 'clamd takes no more than its own StreamMaxLength, 25 MB as Debian installs it. Raise both together, and MaxFileSize and MaxScanSize with them.',
  },
  {
    env: 'GEMINI_API_KEY',
    group: 'Review',
    format: 'API key',
    purpose: 'Key of the Gemini API, for the review and generation provider gemini.',
    why: 'GOOGLE_GEMINI_BASE_URL is the SDK’s own variable for another address.',
    secret: true,
  },
  {
    env: 'OPENAI_API_KEY',
    group: 'Review',
    format: 'API key',
    purpose: 'Key of the OpenAI API, for the review and generation provider openai.',
    why: 'OPENAI_BASE_URL is the SDK’s own variable for another address.',
    secret: true,
  },
  {
    env: 'SAFELIGHT_REVIEW_WEBHOOK_SECRET',
    group: 'Review',
    format: 'whsec_ and the base64 of 24 to 64 bytes',
    purpose: 'Secret that requests to review.webhookUrl are signed with.',
    secret: true,
  },
  {
    env: 'SAFELIGHT_WEBHOOK_URL',
    group: 'Webhooks',
    format: 'http(s) URL',
    purpose: 'One endpoint that is told what happens, beside those that are added by the API.',
    why: 'What the environment names cannot be changed by the API.',
  },
  {
    env: 'SAFELIGHT_WEBHOOK_SECRET',
    group: 'Webhooks',
    format: 'whsec_ and the base64 of 24 to 64 bytes',
    purpose: 'What messages to SAFELIGHT_WEBHOOK_URL are signed with.',
    why: 'Make one with: echo "whsec_$(openssl rand -base64 32)"',
    secret: true,
  },
  {
    env: 'SAFELIGHT_WEBHOOK_EVENTS',
    group: 'Webhooks',
    format: '* or names of events, separated by commas',
    default: '*',
    purpose: 'What SAFELIGHT_WEBHOOK_URL is told. Progress is told only when it is named.',
  },
  {
    env: 'SAFELIGHT_GENERATION_URL',
    group: 'Generation',
    format: 'http(s) URL',
    purpose: 'Base URL of an OpenAI-shaped server of your own, up to and with /v1: the generation provider compatible.',
    why: 'LocalAI, vLLM-Omni and gateways speak this protocol. Its models are named in generation.compatible of the file.',
  },
  {
    env: 'SAFELIGHT_GENERATION_KEY',
    group: 'Generation',
    format: 'API key',
    purpose: 'Bearer token that SAFELIGHT_GENERATION_URL asks for, where it does.',
    secret: true,
  },
  {
    env: 'FFMPEG_PATH',
    group: 'Processing',
    format: 'path',
    purpose: 'The ffmpeg that reads video and sound (5.1 or later).',
    why: 'By default the one on the PATH; without any, videos and recordings are refused, or kept without a preview where buyers get the file itself.',
  },
  { env: 'FFPROBE_PATH', group: 'Processing', format: 'path', purpose: 'The ffprobe that belongs to it.', why: 'By default the one on the PATH.' },
  { env: 'SAFELIGHT_DECODERS', group: 'Processing', format: '1 to 64', purpose: 'Decoder processes of one worker.', why: 'By default one for each core.' },
  {
    env: 'SAFELIGHT_DECODER_MEMORY_MB',
    group: 'Processing',
    format: '256 or more',
    default: '2048',
    purpose: 'Memory that all running decodes together are expected to stay within.',
    why: 'A decode is only admitted when its expected memory fits, so that a few large pictures cannot exhaust the machine.',
  },
  {
    env: 'SAFELIGHT_DECODE_SECONDS',
    group: 'Processing',
    format: '1 to 3600',
    default: '30',
    purpose: 'Time that one picture may take; then its decoder is ended and the asset fails with resource_limit.',
  },
  {
    env: 'SAFELIGHT_WORKER_JOBS',
    group: 'Processing',
    format: '1 to 64',
    purpose: 'Short jobs that one worker runs at once.',
    why: 'By default two more than it has decoders: bytes move while others decode.',
  },
] as const satisfies readonly Setting[];

export type EnvName = (typeof settings)[number]['env'];

const previewBots = [
  'facebookexternalhit',
  'twitterbot',
  'slackbot',
  'slack-imgproxy',
  'discordbot',
  'telegrambot',
  'whatsapp',
  'linkedinbot',
  'skypeuripreview',
  'bingpreview',
  'googlebot',
  'applebot',
  'mastodon',
  'embedly',
  'pinterest',
];

export const fileSchema = z.strictObject({
  apiPrefix: z
    .string()
    .regex(/^(\/[a-z0-9-]+)*$/i, 'empty, or path segments that begin with a slash')
    .default('/v1')
    .meta({ description: 'Where the operations lie; delivery stays at the root.' }),
  corsOrigins: z
    .union([z.literal('*'), z.array(z.url())])
    .default('*')
    .meta({ description: 'Origins whose pages may call the API. No cookie opens anything here, so any may by default.' }),
  uploads: z
    .strictObject({
      defaultCollection: z.string().nullable().default(null).meta({ description: 'Where files go that name no collection. Null: each has to name one.' }),
    })
    .prefault({})
    .meta({ description: 'What holds for every way in.' }),
  uploadExpirySeconds: z
    .int()
    .min(60)
    .max(14 * 86_400)
    .default(86_400)
    .meta({ description: 'How long an upload that was opened waits for its bytes.' }),
  eventStreams: z
    .strictObject({
      perCaller: z.int().min(1).max(10_000).default(32).meta({ description: 'For one end user, or one API key in its own name or in that of one owner.' }),
      perKey: z.int().min(1).max(100_000).default(1024).meta({ description: 'For one API key together, whomever it acts for: a back end that relays events.' }),
    })
    .prefault({})
    .meta({ description: 'Streams of `GET /v1/events` that may be open at once at each server. One more is refused with `rate_limited` and `Retry-After`.' }),
  grants: z
    .strictObject({
      opensPerMinute: z
        .int()
        .min(1)
        .max(100_000)
        .default(60)
        .meta({ description: 'Downloads that may begin under one grant within a minute, over all servers.' }),
      streams: z.int().min(1).max(10_000).default(16).meta({ description: 'Answers under one grant that may be on their way at once at each server.' }),
      wrongProofsPerMinute: z.int().min(1).max(100_000).default(30).meta({ description: 'Wrong proofs from one address within a minute at each server.' }),
      previewBots: z
        .array(z.string().min(1))
        .default(previewBots)
        .meta({ description: 'Parts of the User-Agent of programs that open links to show what is behind them: they get a page and spend nothing.' }),
    })
    .prefault({})
    .meta({ description: 'What buyers may ask for at once; one more is refused with `rate_limited` and `Retry-After` (docs/delivery.md).' }),
  cdnPurge: z
    .strictObject({ url: z.url({ protocol: /^https?$/ }), headers: z.record(z.string(), z.string()).default({}) })
    .nullable()
    .default(null)
    .meta({ description: 'Called with `{"urls": […]}` when something is hidden, so that a CDN forgets it.' }),
  review: z
    .strictObject({
      geminiModel: z.string().min(1).default('gemini-2.5-flash'),
      openaiModel: z.string().min(1).default('omni-moderation-latest'),
      webhookUrl: z
        .url({ protocol: /^https?$/ })
        .nullable()
        .default(null)
        .meta({ description: 'Asked with a signed request (Standard Webhooks); its secret is SAFELIGHT_REVIEW_WEBHOOK_SECRET.' }),
      timeoutSeconds: z.int().min(1).max(240).default(30).meta({ description: 'How long one answer of a review provider is waited for.' }),
    })
    .prefault({})
    .meta({ description: 'The services that a policy may name as `photoReviewProvider`.' }),
  webhooks: z
    .strictObject({
      allowPrivate: z
        .array(z.string().refine((text) => isHostOrRange(text), 'a host name, with its port where it is not the usual one, or a CIDR range'))
        .default([])
        .meta({ description: 'Hosts (`name` or `name:port`) and CIDR ranges that may be reached although they are not public. Metadata services never are.' }),
    })
    .prefault({})
    .meta({ description: 'Endpoints of the application that are told what happens (docs/webhooks.md).' }),
  generation: generationSchema.prefault({}).meta({ description: 'Media that machines make (docs/generation.md).' }),
  additionalStores: z.array(declaredStoreSchema).default([]).meta({
    description:
      'Stores beside the one that the environment names: nothing new is written to them, and what lies in them stays readable, deletable and movable (docs/storage.md).',
  }),
  acceleration: z
    .strictObject({
      header: z
        .enum(['x-accel-redirect', 'x-sendfile'])
        .default('x-accel-redirect')
        .meta({ description: 'What the web server in front understands: nginx the first, Apache and lighttpd the second.' }),
      prefix: z
        .string()
        .regex(/^(\/[a-z0-9-]+)+$/i, 'path segments that begin with a slash')
        .default('/safelight-internal')
        .meta({ description: 'Where the internal locations of nginx lie.' }),
    })
    .prefault({})
    .meta({ description: 'How collections with `delivery: "accelerated"` hand over to the web server in front.' }),
  ceilings: ceilingsSchema.prefault({}).meta({ description: 'Hard limits above every policy.' }),
  collections: z.record(z.string().regex(/^[a-z][a-z0-9]*(\.[a-z][a-z0-9]*)*$/), collectionSchema).meta({ description: 'The declared collections, by name.' }),
});
export type FileConfig = z.input<typeof fileSchema>;

/** What may be written into the file, as JSON Schema: for the documentation. */
export const fileJsonSchema = (): object => z.toJSONSchema(fileSchema, { io: 'input', reused: 'inline' });

/** Types a configuration file; what is wrong in it is found when it is read, all of it at once. */
export const defineConfig = (config: FileConfig): FileConfig => config;

export const noLimits: Pick<PolicyRules, 'minWidth' | 'minHeight' | 'minAspectRatio' | 'maxAspectRatio' | 'maxMegapixels' | 'maxDurationMs' | 'maxItems'> = {
  minWidth: null,
  minHeight: null,
  minAspectRatio: null,
  maxAspectRatio: null,
  maxMegapixels: null,
  maxDurationMs: null,
  maxItems: null,
};
