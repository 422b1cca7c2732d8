import { currencySchema, generationPriceSchema, mostImages } from '@safelight/contract/generation';
import { z } from 'zod';

const about = (description: string): { description: string } => ({ description });
const limit = z.int().min(0).nullable();
const modelIds = z.array(z.string().min(1).max(200));

/** Models are retired within months, so none is a constant: each list is configurable, and `safelight doctor` asks the providers about it. */
export const generationSchema = z.strictObject({
  collection: z.string().default('user.library').meta(about('The collection of results for which a request names none; it must keep its sources.')),
  maxImages: z.int().min(1).max(mostImages).default(4).meta(about('Pictures of one request.')),
  perOwner: z
    .strictObject({
      imagesPerDay: limit.default(null).meta(about('Per day in UTC.')),
      videoSecondsPerDay: limit.default(null).meta(about('Per day in UTC.')),
      active: limit.default(4).meta(about('Requests that may wait or run at once.')),
    })
    .prefault({})
    .meta(about('How much one owner may generate; null: no limit. The claim `generation` of a token, with the same fields, takes precedence.')),
  prices: z
    .strictObject({
      currency: currencySchema.default('USD'),
      models: z
        .record(z.string().regex(/^(openai|gemini|compatible|local)\/.+$/, 'provider/model, as gemini/gemini-3.1-flash-image'), generationPriceSchema)
        .default({})
        .meta(about('By `provider/model`. For other models no cost is reported.')),
    })
    .prefault({})
    .meta(about('What you pay the providers, from which costs are computed (docs/generation.md).')),
  moderation: z
    .enum(['off', 'openai', 'webhook'])
    .default('off')
    .meta(about('The moderator that checks every prompt before it is sent. If it does not answer, nothing is sent.')),
  moderationModel: z.string().min(1).default('omni-moderation-latest').meta(about('The model of the moderator `openai`.')),
  moderationWebhookUrl: z
    .url({ protocol: /^https?$/ })
    .nullable()
    .default(null)
    .meta(about('The moderator `webhook`: gets a signed request (Standard Webhooks) for each prompt; its secret is SAFELIGHT_GENERATION_WEBHOOK_SECRET.')),
  openai: z
    .strictObject({ imageModels: modelIds.default(['gpt-image-2.5-flare']) })
    .prefault({})
    .meta(about('The models of the provider `openai` that may be requested.')),
  gemini: z
    .strictObject({ imageModels: modelIds.default(['gemini-3.1-flash-image']), videoModels: modelIds.default(['gemini-omni-1.2-flash']) })
    .prefault({})
    .meta(about('The same for `gemini`.')),
  compatible: z
    .strictObject({ imageModels: modelIds.default([]), videoModels: modelIds.default([]) })
    .prefault({})
    .meta(about('The same for your own server, `SAFELIGHT_GENERATION_URL`.')),
  timeoutSeconds: z.int().min(5).max(840).default(300).meta(about('How long to wait for one answer of a provider.')),
  deadlineSeconds: z.int().min(60).max(86_400).default(3600).meta(about('How long a video may take, including all waiting.')),
});
