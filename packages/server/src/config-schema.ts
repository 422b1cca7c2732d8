import { usualPrefix } from '@safelight/contract/limits';
import type { PolicyRules } from '@safelight/contract/media-rules';
import { z } from 'zod';

import { cdnSchema } from './config/cdn-schema.ts';
import { generationSchema } from './config-generation.ts';
import { ceilingsSchema } from './policy/ceilings.ts';
import { collectionSchema } from './policy/collection.ts';
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
    .meta({ description: 'The path prefix of the operations; delivery stays at the root.' }),
  corsOrigins: z
    .union([z.literal('*'), z.array(z.url())])
    .default('*')
    .meta({ description: 'Origins whose pages may call the API. All may by default, because cookies grant no access here.' }),
  uploads: z
    .strictObject({
      defaultCollection: z.string().nullable().default(null).meta({ description: 'The collection of files that name none. Null: each has to name one.' }),
    })
    .prefault({})
    .meta({ description: 'Settings for all ways to upload.' }),
  uploadExpirySeconds: z
    .int()
    .min(60)
    .max(14 * 86_400)
    .default(86_400)
    .meta({ description: 'How long an opened upload waits for its bytes.' }),
  eventStreams: z
    .strictObject({
      perCaller: z.int().min(1).max(10_000).default(32).meta({ description: 'For one end user, or one API key in its own name or for one owner.' }),
      perKey: z
        .int()
        .min(1)
        .max(100_000)
        .default(1024)
        .meta({ description: 'For one API key in total, for all owners together: a back end that relays events.' }),
    })
    .prefault({})
    .meta({
      description:
        'The number of streams of `GET /v1/events` that may be open at once at each server. Another one is refused with `rate_limited` and `Retry-After`.',
    }),
  grants: z
    .strictObject({
      opensPerMinute: z
        .int()
        .min(1)
        .max(100_000)
        .default(60)
        .meta({ description: 'Downloads that may begin under one grant within a minute, on all servers together.' }),
      streams: z.int().min(1).max(10_000).default(16).meta({ description: 'Responses under one grant that each server sends at the same time.' }),
      wrongProofsPerMinute: z.int().min(1).max(100_000).default(30).meta({ description: 'Wrong tokens from one address within a minute at each server.' }),
      keepMonths: z.int().min(2).max(1_200).nullable().default(24).meta({
        description: 'The number of whole months for which the log of downloads is kept; `null`: for ever. The counts of used downloads are kept anyway.',
      }),
      previewBots: z
        .array(z.string().min(1))
        .default(previewBots)
        .meta({ description: 'Parts of the User-Agent of programs that open links for a preview: they get a page and spend no download.' }),
    })
    .prefault({})
    .meta({ description: 'Limits for the requests of buyers; a request beyond them is refused with `rate_limited` and `Retry-After` (docs/delivery.md).' }),
  cdnPurge: z
    .strictObject({ url: z.url({ protocol: /^https?$/ }), headers: z.record(z.string(), z.string()).default({}) })
    .nullable()
    .default(null)
    .meta({ description: 'Called with `{"urls": […]}` when media are hidden, so that a CDN purges them.' }),
  review: z
    .strictObject({
      geminiModel: z.string().min(1).default('gemini-3.8-flash').meta({ description: 'The model of the provider `gemini`.' }),
      openaiModel: z.string().min(1).default('omni-moderation-latest').meta({ description: 'The model of the provider `openai`.' }),
      webhookUrl: z
        .url({ protocol: /^https?$/ })
        .nullable()
        .default(null)
        .meta({
          description: 'The provider `webhook`: gets a signed request (Standard Webhooks) for each review; its secret is SAFELIGHT_REVIEW_WEBHOOK_SECRET.',
        }),
      timeoutSeconds: z.int().min(1).max(240).default(30).meta({ description: 'How long to wait for an answer of a review provider.' }),
      presets: z
        .array(z.string().trim().min(1).max(200))
        .max(9)
        .default([])
        .meta({ description: 'Frequent reasons of moderators, on the keys 1 to 9 of the queue: each key rejects with its reason.' }),
    })
    .prefault({})
    .meta({ description: 'The services that a policy may name as `photoReviewProvider`.' }),
  webhooks: z
    .strictObject({
      allowPrivate: z
        .array(z.string().refine((text) => isHostOrRange(text), 'a host name, with its port where it is not the usual one, or a CIDR range'))
        .default([])
        .meta({
          description: 'Hosts (`name` or `name:port`) and CIDR ranges that may be contacted although they are not public. Metadata services never are.',
        }),
    })
    .prefault({})
    .meta({ description: 'Endpoints of the application that receive events (docs/webhooks.md).' }),
  generation: generationSchema.prefault({}).meta({ description: 'Generated media (docs/generation.md).' }),
  additionalStores: z.array(declaredStoreSchema).default([]).meta({
    description:
      'Stores besides the one in the environment variables: nothing new is written to them, and their objects can still be read, deleted and moved (docs/storage.md).',
  }),
  acceleration: z
    .strictObject({
      header: z
        .enum(['x-accel-redirect', 'x-sendfile'])
        .default('x-accel-redirect')
        .meta({ description: 'The header that the web server in front understands: the first for nginx, the second for Apache and lighttpd.' }),
      prefix: z
        .string()
        .regex(/^(\/[a-z0-9-]+)+$/i, 'path segments that begin with a slash')
        .default('/safelight-internal')
        .meta({ description: 'The path of nginx’s internal locations.' }),
    })
    .prefault({})
    .meta({ description: 'How collections with `delivery: "accelerated"` hand over to the web server in front.' }),
  cdn: cdnSchema
    .nullable()
    .default(null)
    .meta({ description: 'The CDN to which collections with `delivery: "cdn"` send their readers; its secret is `SAFELIGHT_CDN_SECRET` (docs/delivery.md).' }),
  engine: z
    .strictObject({
      sandbox: z.enum(['auto', 'require', 'off']).default('auto').meta({
        description:
          'Whether ffmpeg runs without network (`unshare -n`): `auto`: if the system allows it; `require`: always, or ffmpeg does not run; `off`: never.',
      }),
      concurrency: z.int().min(1).max(64).nullable().default(null).meta({
        description: 'The number of recordings that one worker encodes at once. Null: one for each core and each GiB of `SAFELIGHT_DECODER_MEMORY_MB`.',
      }),
      threads: z.int().min(1).max(16).default(1).meta({ description: 'Threads of one encoder. Another number changes the bytes of the output.' }),
    })
    .prefault({})
    .meta({ description: 'How video and audio are processed (docs/video.md); `FFMPEG_PATH` names the program.' }),
  ceilings: ceilingsSchema.prefault({}).meta({ description: 'Hard limits above every policy.' }),
  collections: z
    .record(
      z.string().regex(/^[a-z][a-z0-9]*(\.[a-z][a-z0-9]*)*$/, 'small letters and digits, with dots between words, are wanted, like artist.images'),
      collectionSchema,
    )
    .meta({ description: 'The declared collections, by name.' }),
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
