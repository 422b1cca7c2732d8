import { z } from 'zod';

import { createClient } from './create-client.ts';
import type { PromptModerator } from '../prompt-moderator.ts';

const answerSchema = z.object({ results: z.array(z.object({ flagged: z.boolean(), categories: z.record(z.string(), z.boolean().nullable()) })).min(1) });

export type OpenaiModeratorOptions = {
  apiKey: string;
  model: string;
  timeoutMs: number;
  /** Overrides the address that the SDK and its own variables give. */ baseURL?: string;
};

/** Asks OpenAI's moderation about the text of a prompt; flagged prompts are refused. It costs nothing. */
export function createOpenaiModerator({ model, ...options }: OpenaiModeratorOptions): PromptModerator {
  const open = createClient(options);
  return async ({ prompt }, { signal }) => {
    const client = await open();
    const { results } = answerSchema.parse(await client.moderations.create({ model, input: prompt }, { signal }));
    const flagged = results.filter((result) => result.flagged);
    if (flagged.length === 0) return { allowed: true };
    const categories = flagged.flatMap((result) => Object.entries(result.categories).flatMap(([name, isFlagged]) => (isFlagged === true ? [name] : [])));
    return { allowed: false, reason: null, categories: [...new Set(categories)] };
  };
}
