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
  provider: optional(z.enum(generationProviders)).meta({ description: 'By default the first available one.' }),
  model: optional(z.string().min(1).max(200)).meta({ description: 'One of `GET /v1/generate/models`; by default the first of the provider.' }),
  size: optional(sizeSchema),
  aspectRatio: optional(z.string().regex(/^\d{1,2}:\d{1,2}$/, 'W:H, as 16:9')),
  resolution: optional(z.string().min(1).max(16)),
  seed: optional(z.int().min(0).max(2_147_483_647)),
  collection: optional(z.string().min(1).max(mostChars.collection)).meta({
    description: 'The collection of the results, which must keep its sources. By default the configured one.',
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
    .meta({ description: 'Only for the provider `local`, outside production: a pause for each picture, and a failure for tests.' }),
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
  .meta({ id: 'GenerationPrice', description: 'As configured by the operator.' });
export type GenerationPrice = z.infer<typeof generationPriceSchema>;

export const currencySchema = z.string().regex(/^[A-Z]{3}$/, 'three capital letters, as USD');
export const generationCostSchema = z
  .object({ amount, currency: currencySchema })
  .meta({ id: 'GenerationCost', description: 'By the configured prices; the provider’s bill may differ.' });
export type GenerationCost = z.infer<typeof generationCostSchema>;

export const generationModelSchema = z
  .object({
    provider: z.enum(generationProviders),
    model: z.string(),
    kinds: z.array(z.enum(['image', 'video'])),
    sizes: z.array(z.string()).nullable().meta({ description: 'Null: any within the limits of the provider.' }),
    aspectRatios: z.array(z.string()),
    resolutions: z.array(z.string()),
    qualities: z.array(z.string()),
    durations: z.array(z.int()),
    maxN: z.int(),
    seed: z.boolean(),
    inputs: z.array(z.string()).meta({ description: 'The possible roles of inputs.' }),
    progress: z.boolean().meta({ description: 'Whether the provider reports progress.' }),
    cancel: z.enum(['stops', 'before_sending']).meta({ description: 'Whether a request can be stopped after it was sent.' }),
    available: z.boolean(),
    reason: z.string().nullable().meta({ description: 'Why it is not available.' }),
    shutdownDate: z.iso.date().nullable(),
    price: generationPriceSchema.extend({ currency: currencySchema }).nullable().meta({ description: 'Null without a configured price.' }),
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
    description: 'What the caller has generated today, and their allowance. A null limit means no limit; cost is null without configured prices.',
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
  .meta({ id: 'Generated', description: 'How it was generated, if it was generated here.' });
export type Generated = z.infer<typeof generatedSchema>;

/** The IPTC terms for the source of a picture that Safelight keeps. */
export const digitalSources = ['trainedAlgorithmicMedia', 'compositeWithTrainedAlgorithmicMedia', 'algorithmicMedia'] as const;
export type DigitalSource = (typeof digitalSources)[number];
