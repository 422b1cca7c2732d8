import type { Config } from './config.ts';
import { createLookForModel as lookAtGemini } from './generation/gemini/look-for-model.ts';
import type { LookForModel } from './generation/look-for-model.ts';
import { createLookForModel as lookAtOpenai } from './generation/openai/look-for-model.ts';
import { patienceMs } from './lib/patience.ts';

export type ConfiguredModel = { provider: 'openai' | 'gemini' | 'compatible'; model: string; /** Where it is set. */ setting: string; look: LookForModel };

const timeoutMs = patienceMs.modelLookup;

/** Every model that this configuration would use, and how to ask its provider about it. None for providers without a key. */
export function configuredModels({ generation, review }: Pick<Config, 'generation' | 'review'>): ConfiguredModel[] {
  const { openai, gemini, compatible, moderation, moderationModel } = generation;
  const { openaiKey, geminiKey, geminiBaseURL: baseURL } = review;
  const of = (provider: ConfiguredModel['provider'], look: LookForModel, named: Record<string, readonly string[]>): ConfiguredModel[] =>
    Object.entries(named).flatMap(([setting, models]) => models.map((model) => ({ provider, model, setting, look })));
  return [
    ...(openaiKey === null
      ? []
      : of('openai', lookAtOpenai({ apiKey: openaiKey, timeoutMs }), {
          'generation.openai.imageModels': openai.imageModels,
          'generation.moderationModel': moderation === 'openai' ? [moderationModel] : [],
          'review.openaiModel': [review.openaiModel],
        })),
    ...(geminiKey === null
      ? []
      : of('gemini', lookAtGemini({ apiKey: geminiKey, baseURL, timeoutMs }), {
          'generation.gemini.imageModels': gemini.imageModels,
          'generation.gemini.videoModels': gemini.videoModels,
          'review.geminiModel': [review.geminiModel],
        })),
    ...(compatible.url === null
      ? []
      : of('compatible', lookAtOpenai({ apiKey: compatible.key ?? 'none', baseURL: compatible.url, timeoutMs }), {
          'generation.compatible.imageModels': compatible.imageModels,
          'generation.compatible.videoModels': compatible.videoModels,
        })),
  ];
}
