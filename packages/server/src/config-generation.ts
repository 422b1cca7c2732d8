import { currencySchema, generationPriceSchema, mostImages } from '@safelight/contract/generation';
import { z } from 'zod';

const about = (description: string): { description: string } => ({ description });
const limit = z.int().min(0).nullable();
const modelIds = z.array(z.string().min(1).max(200));

/** Models are retired within months, so none is a constant: each list is configurable, and `safelight doctor` asks the providers about it. */
export const generationSchema = z.strictObject({
  collection: z.string().default('user.library').meta(about('Where results go when a request does not say; it must keep its sources.')),
  maxImages: z.int().min(1).max(mostImages).default(4).meta(about('Pictures of one request.')),
  perOwner: z
    .strictObject({
      imagesPerDay: limit.default(null).meta(about('Days are those of UTC.')),
      videoSecondsPerDay: limit.default(null),
      active: limit.default(4).meta(about('Requests that may wait or run at once.')),
    })
    .prefault({})
    .meta(about('What one owner may have made; null is no limit. The claim `generation` of a token, of the same names, outranks it.')),
  prices: z
    .strictObject({
      currency: currencySchema.default('USD'),
      models: z
        .record(z.string().regex(/^(openai|gemini|compatible|local)\/.+$/, 'provider/model, as gemini/gemini-3.1-flash-image'), generationPriceSchema)
        .default({})
        .meta(about('By `provider/model`. A cost is only told of those that stand here.')),
    })
    .prefault({})
    .meta(about('What you pay, so that costs can be told: to those who ask for media, in records, in metrics.')),
  moderation: z
    .enum(['off', 'openai', 'webhook'])
    .default('off')
    .meta(about('The moderator that checks every prompt before it is sent. Where it does not answer, nothing is sent.')),
  moderationModel: z.string().min(1).default('omni-moderation-latest').meta(about('Of the moderation openai.')),
  moderationWebhookUrl: z
    .url({ protocol: /^https?$/ })
    .nullable()
    .default(null)
    .meta(about('Asked with a signed request (Standard Webhooks); its secret is SAFELIGHT_GENERATION_WEBHOOK_SECRET.')),
  openai: z.strictObject({ imageModels: modelIds.default(['gpt-image-2.5-flare']) }).prefault({}),
  gemini: z.strictObject({ imageModels: modelIds.default(['gemini-3.1-flash-image']), videoModels: modelIds.default(['gemini-omni-1.2-flash']) }).prefault({}),
  compatible: z.strictObject({ imageModels: modelIds.default([]), videoModels: modelIds.default([]) }).prefault({}),
  timeoutSeconds: z.int().min(5).max(840).default(300).meta(about('How long one answer of a provider is waited for.')),
  deadlineSeconds: z.int().min(60).max(86_400).default(3600).meta(about('How long a video may take, with all waiting.')),
});
