import type { Config } from './config.ts';
import type { GenerationSettings } from './generation/generation-context.ts';
import type { Generators } from './generation/generator.ts';
import { openCompatibleGenerator } from './generation/openai/open-compatible-generator.ts';
import { openGeminiGenerator } from './generation/gemini/open-gemini-generator.ts';
import { openLocalGenerator } from './generation/local/open-local-generator.ts';
import { openOpenaiGenerator } from './generation/openai/open-openai-generator.ts';
import { openOpenaiModerator } from './generation/openai/open-openai-moderator.ts';
import { openWebhookModerator } from './generation/webhook/open-webhook-moderator.ts';
import type { PromptModerator } from './generation/prompt-moderator.ts';
import type { Engines } from './processing/engine/engine.ts';
import { openGeminiReviewer } from './review/gemini/open-gemini-reviewer.ts';
import { openOpenaiReviewer } from './review/openai/open-openai-reviewer.ts';
import type { Reviewers } from './review/reviewer.ts';
import { openWebhookReviewer } from './review/webhook/open-webhook-reviewer.ts';

/** Those that have what they need; a policy that names another is told so by its photos. */
export function openReviewers({ geminiKey, geminiModel, openaiKey, openaiModel, webhookUrl, webhookSecret, timeoutSeconds }: Config['review']): Reviewers {
  const timeoutMs = timeoutSeconds * 1000;
  return {
    ...(geminiKey === null ? {} : { gemini: openGeminiReviewer({ apiKey: geminiKey, model: geminiModel, timeoutMs }) }),
    ...(openaiKey === null ? {} : { openai: openOpenaiReviewer({ apiKey: openaiKey, model: openaiModel, timeoutMs }) }),
    ...(webhookUrl === null || webhookSecret === null ? {} : { webhook: openWebhookReviewer({ url: webhookUrl, secret: webhookSecret }) }),
  };
}

/** Those that have what they need. The one that costs nothing is for development. */
export function openGenerators({ environment, generation, review }: Config, engines: Engines): Generators {
  const { openai, gemini, compatible, timeoutSeconds } = generation;
  const { openaiKey, geminiKey, geminiBaseURL: baseURL } = review;
  const timeoutMs = timeoutSeconds * 1000;
  return {
    ...(openaiKey === null ? {} : { openai: openOpenaiGenerator({ ...openai, apiKey: openaiKey, timeoutMs }) }),
    ...(geminiKey === null ? {} : { gemini: openGeminiGenerator({ ...gemini, apiKey: geminiKey, baseURL, timeoutMs }) }),
    ...(compatible.url === null
      ? {}
      : { compatible: openCompatibleGenerator({ ...compatible, apiKey: compatible.key ?? 'none', baseURL: compatible.url, timeoutMs }) }),
    ...(environment.base === 'production' ? {} : { local: openLocalGenerator({ engines }) }),
  };
}

/** Null where prompts are not checked. What the configuration asks for is there: it is refused otherwise. */
export function openPromptModerator({ generation, review }: Config): PromptModerator | null {
  const { moderation, moderationModel: model, moderationWebhookUrl: url, webhookSecret: secret } = generation;
  if (moderation === 'openai' && review.openaiKey !== null) return openOpenaiModerator({ apiKey: review.openaiKey, model, timeoutMs: 30_000 });
  return moderation === 'webhook' && url !== null && secret !== null ? openWebhookModerator({ url, secret }) : null;
}

export const generationSettings = ({ generation, signingKeys, environment }: Config): GenerationSettings => ({
  ...generation,
  ownerSecret: signingKeys[0]?.secret ?? '',
  rehearses: environment.base !== 'production',
});
