import { z } from 'zod';

import { optional } from './fields.ts';
import { mostChars } from './limits.ts';

export const generationProviders = ['openai', 'gemini', 'compatible', 'local'] as const;
export type GenerationProvider = (typeof generationProviders)[number];

export const imageInputRoles = ['image', 'mask', 'reference'] as const;
export const videoInputRoles = ['first_frame', 'last_frame', 'reference'] as const;

/** The most pictures in one request; a configuration may allow fewer. */
export const mostImages = 10;

const side = z.int().min(16).max(16_384);
const sizeSchema = z
  .string()
  .regex(/^\d{2,5}x\d{2,5}$/, 'WxH, as 1024x1024')
  .refine((size) => size.split('x').every((part) => side.safeParse(Number(part)).success), 'sides of 16 to 16384 pixels');

const requestFields = {
  prompt: z.string().trim().min(1).max(mostChars.prompt),
  provider: optional(z.enum(generationProviders)).meta({ description: 'By default the first that is available.' }),
  model: optional(z.string().min(1).max(200)).meta({ description: 'One of `GET /v1/generate/models`; by default the first of the provider.' }),
  size: optional(sizeSchema),
  aspectRatio: optional(z.string().regex(/^\d{1,2}:\d{1,2}$/, 'W:H, as 16:9')),
  resolution: optional(z.string().min(1).max(16)),
  seed: optional(z.int().min(0).max(2_147_483_647)),
  collection: optional(z.string().min(1).max(mostChars.collection)).meta({
    description: 'Where the results go; it must keep its sources. By default as configured.',
  }),
  entityType: optional(z.string().min(1).max(mostChars.entityType)),
  entityId: optional(z.string().min(1).max(mostChars.entityId)),
  purpose: optional(z.string().min(1).max(mostChars.purpose)),
  altText: optional(z.string().max(mostChars.altText)),
  providerOptions: z
    .strictObject({
      local: z
        .strictObject({
          delayMs: z.int().min(0).max(120_000).optional(),
          fail: z.union([z.literal(true), z.string().max(64)]).optional(),
          failIndex: z
            .int()
            .min(0)
            .max(mostImages - 1)
            .optional(),
        })
        .optional(),
    })
    .optional()
    .meta({ description: 'Of the provider `local`, outside production: a pause for each picture, and a failure to rehearse.' }),
};

export const generateImageSchema = z
  .strictObject({
    ...requestFields,
    n: z.int().min(1).max(mostImages).default(1),
    quality: optional(z.string().min(1).max(32)),
    format: optional(z.enum(['png', 'jpeg', 'webp'])),
    background: optional(z.enum(['transparent', 'opaque', 'auto'])),
    inputs: z
      .array(z.strictObject({ mediaId: z.uuid(), role: z.enum(imageInputRoles) }))
      .max(16)
      .default([]),
  })
  .meta({ id: 'GenerateImage' });

export const generateVideoSchema = z
  .strictObject({
    ...requestFields,
    durationSeconds: optional(z.int().min(1).max(60)),
    audio: optional(z.boolean()),
    inputs: z
      .array(z.strictObject({ mediaId: z.uuid(), role: z.enum(videoInputRoles) }))
      .max(4)
      .default([]),
  })
  .meta({ id: 'GenerateVideo' });

export type GenerateImage = z.output<typeof generateImageSchema>;
export type GenerateVideo = z.output<typeof generateVideoSchema>;

const amount = z.number().min(0);
export const generationPriceSchema = z
  .strictObject({
    perImage: amount.optional(),
    perSecond: amount.optional().meta({ description: 'For one second of video.' }),
    perMillionInputTokens: amount.optional(),
    perMillionOutputTokens: amount.optional(),
  })
  .meta({ id: 'GenerationPrice', description: 'As the operator of this site has written it down.' });
export type GenerationPrice = z.infer<typeof generationPriceSchema>;

export const currencySchema = z.string().regex(/^[A-Z]{3}$/, 'three capital letters, as USD');
export const generationCostSchema = z
  .object({ amount, currency: currencySchema })
  .meta({ id: 'GenerationCost', description: 'By the prices of this site; a bill of the provider may differ.' });
export type GenerationCost = z.infer<typeof generationCostSchema>;

export const generationModelSchema = z
  .object({
    provider: z.enum(generationProviders),
    model: z.string(),
    kinds: z.array(z.enum(['image', 'video'])),
    sizes: z.array(z.string()).nullable().meta({ description: 'Null: any, within the limits of the provider.' }),
    aspectRatios: z.array(z.string()),
    resolutions: z.array(z.string()),
    qualities: z.array(z.string()),
    durations: z.array(z.int()),
    maxN: z.int(),
    seed: z.boolean(),
    inputs: z.array(z.string()).meta({ description: 'Roles that inputs may have.' }),
    progress: z.boolean().meta({ description: 'Whether the provider tells how far it is.' }),
    cancel: z.enum(['stops', 'before_sending']).meta({ description: 'Whether a request that was sent can be stopped.' }),
    available: z.boolean(),
    reason: z.string().nullable().meta({ description: 'Why it is not available.' }),
    shutdownDate: z.iso.date().nullable(),
    price: generationPriceSchema.extend({ currency: currencySchema }).nullable().meta({ description: 'Null where the site names none.' }),
  })
  .meta({ id: 'GenerationModel' });
export type GenerationModel = z.infer<typeof generationModelSchema>;

const allowanceSchema = z.object({ used: z.number(), limit: z.number().nullable() });
export const generationUsageSchema = z
  .object({
    images: allowanceSchema,
    videoSeconds: allowanceSchema,
    active: allowanceSchema,
    resetsAt: z.iso.datetime(),
    cost: generationCostSchema.nullable(),
  })
  .meta({
    id: 'GenerationUsage',
    description: 'Read what the caller has generated today, and their allowance. A null limit is none; cost is null where the site names no prices.',
  });
export type GenerationUsage = z.infer<typeof generationUsageSchema>;

/** How generated media were made. Only the owner and managers see `prompt` and `inputs`. */
export const generatedSchema = z
  .object({
    provider: z.string(),
    model: z.string(),
    jobId: z.uuid(),
    index: z.int(),
    seed: z.int().nullable(),
    inputs: z.array(z.object({ mediaId: z.uuid(), role: z.string() })).optional(),
    prompt: z.string().optional(),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'Generated', description: 'How it was made, where a machine made it here.' });
export type Generated = z.infer<typeof generatedSchema>;

/** The IPTC terms for the source of a picture that Safelight keeps. */
export const digitalSources = ['trainedAlgorithmicMedia', 'compositeWithTrainedAlgorithmicMedia', 'algorithmicMedia'] as const;
export type DigitalSource = (typeof digitalSources)[number];
