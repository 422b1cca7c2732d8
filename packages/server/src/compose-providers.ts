import type { Config } from './config.ts';
import type { GenerationSettings } from './generation/generation-context.ts';
import type { Generators } from './generation/generator.ts';
import { createCompatibleGenerator } from './generation/openai/create-compatible-generator.ts';
import { createGeminiGenerator } from './generation/gemini/create-gemini-generator.ts';
import { createLocalGenerator } from './generation/local/create-local-generator.ts';
import { createOpenaiGenerator } from './generation/openai/create-openai-generator.ts';
import { createOpenaiModerator } from './generation/openai/create-openai-moderator.ts';
import { createWebhookModerator } from './generation/webhook/create-webhook-moderator.ts';
import type { PromptModerator } from './generation/prompt-moderator.ts';
import { patienceMs } from './lib/patience.ts';
import type { Engines } from './processing/engine/engine.ts';
import { createGeminiReviewer } from './review/gemini/create-gemini-reviewer.ts';
import { createOpenaiReviewer } from './review/openai/create-openai-reviewer.ts';
import type { Reviewers } from './review/reviewer.ts';
import { createWebhookReviewer } from './review/webhook/create-webhook-reviewer.ts';

/** The reviewers with complete settings; if a policy names another, the reviews of its photos fail with that reason. */
export function createReviewers({ geminiKey, geminiModel, openaiKey, openaiModel, webhookUrl, webhookSecret, timeoutSeconds }: Config['review']): Reviewers {
  const timeoutMs = timeoutSeconds * 1000;
  return {
    ...(geminiKey === null ? {} : { gemini: createGeminiReviewer({ apiKey: geminiKey, model: geminiModel, timeoutMs }) }),
    ...(openaiKey === null ? {} : { openai: createOpenaiReviewer({ apiKey: openaiKey, model: openaiModel, timeoutMs }) }),
    ...(webhookUrl === null || webhookSecret === null ? {} : { webhook: createWebhookReviewer({ url: webhookUrl, secret: webhookSecret }) }),
  };
}

/** The generators with complete settings. The free one is for development only. */
export function createGenerators({ environment, generation, review }: Config, engines: Engines): Generators {
  const { openai, gemini, compatible, timeoutSeconds } = generation;
  const { openaiKey, geminiKey, geminiBaseURL: baseURL } = review;
  const timeoutMs = timeoutSeconds * 1000;
  return {
    ...(openaiKey === null ? {} : { openai: createOpenaiGenerator({ ...openai, apiKey: openaiKey, timeoutMs }) }),
    ...(geminiKey === null ? {} : { gemini: createGeminiGenerator({ ...gemini, apiKey: geminiKey, baseURL, timeoutMs }) }),
    ...(compatible.url === null
      ? {}
      : { compatible: createCompatibleGenerator({ ...compatible, apiKey: compatible.key ?? 'none', baseURL: compatible.url, timeoutMs }) }),
    ...(environment.base === 'production' ? {} : { local: createLocalGenerator({ engines }) }),
  };
}

/** Null when prompts are not checked. An incomplete configuration has been refused before. */
export function createPromptModerator({ generation, review }: Config): PromptModerator | null {
  const { moderation, moderationModel: model, moderationWebhookUrl: url, webhookSecret: secret } = generation;
  if (moderation === 'openai' && review.openaiKey !== null)
    return createOpenaiModerator({ apiKey: review.openaiKey, model, timeoutMs: patienceMs.promptModeration });
  return moderation === 'webhook' && url !== null && secret !== null ? createWebhookModerator({ url, secret }) : null;
}

export const generationSettings = ({ generation, signingKeys, environment }: Config): GenerationSettings => ({
  ...generation,
  ownerSecret: signingKeys[0].secret,
  rehearses: environment.base !== 'production',
});
