import { usualPrefix } from '@safelight/contract/limits';
import type { PolicyRules } from '@safelight/contract/media-rules';
import { z } from 'zod';

import { cdnSchema } from './config/cdn-schema.ts';
import { generationSchema } from './config-generation.ts';
import { ceilingsSchema, collectionSchema } from './policy/collection.ts';
import { isHostOrRange } from './egress/allowed-addresses.ts';
import { declaredStoreSchema } from './storage/declared-store.ts';

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
    .default(usualPrefix)
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
      keepMonths: z.int().min(2).max(1_200).nullable().default(24).meta({
        description:
          'Whole months for which it is kept what was downloaded, when and in which part; `null`: for ever. What has been spent of a grant is not forgotten with it.',
      }),
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
      geminiModel: z.string().min(1).default('gemini-3.8-flash'),
      openaiModel: z.string().min(1).default('omni-moderation-latest'),
      webhookUrl: z
        .url({ protocol: /^https?$/ })
        .nullable()
        .default(null)
        .meta({ description: 'Asked with a signed request (Standard Webhooks); its secret is SAFELIGHT_REVIEW_WEBHOOK_SECRET.' }),
      timeoutSeconds: z.int().min(1).max(240).default(30).meta({ description: 'How long one answer of a review provider is waited for.' }),
      presets: z
        .array(z.string().trim().min(1).max(200))
        .max(9)
        .default([])
        .meta({ description: 'Reasons that moderators give often, for the keys 1 to 9 of the queue: each rejects with its words.' }),
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
  cdn: cdnSchema
    .nullable()
    .default(null)
    .meta({ description: 'Where collections with `delivery: "cdn"` send their readers; its secret is `SAFELIGHT_CDN_SECRET` (docs/delivery.md).' }),
  engine: z
    .strictObject({
      sandbox: z
        .enum(['auto', 'require', 'off'])
        .default('auto')
        .meta({ description: 'Whether ffmpeg runs without network (`unshare -n`): where the system allows it; always, or not at all; never.' }),
      concurrency: z
        .int()
        .min(1)
        .max(64)
        .nullable()
        .default(null)
        .meta({ description: 'Recordings that are encoded at once on one worker. Null: one for each core and each GiB of `SAFELIGHT_DECODER_MEMORY_MB`.' }),
      threads: z.int().min(1).max(16).default(1).meta({ description: 'Threads of one encoder. Another number makes other bytes of the same file.' }),
    })
    .prefault({})
    .meta({ description: 'How video and audio are worked on (docs/video.md); which program does it, `FFMPEG_PATH` says.' }),
  ceilings: ceilingsSchema.prefault({}).meta({ description: 'Hard limits above every policy.' }),
  collections: z.record(z.string().regex(/^[a-z][a-z0-9]*(\.[a-z][a-z0-9]*)*$/), collectionSchema).meta({ description: 'The declared collections, by name.' }),
});
export type FileConfig = z.input<typeof fileSchema>;

/** The configuration file's format as JSON Schema, for the documentation. */
export const fileJsonSchema = (): object => z.toJSONSchema(fileSchema, { io: 'input', reused: 'inline' });

/** Gives a configuration file its type; all its errors are reported together when it is read. */
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
