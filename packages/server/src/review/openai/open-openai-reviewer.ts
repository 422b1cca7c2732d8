import type { OpenAI } from 'openai';
import { z } from 'zod';

import type { Reviewer } from '../reviewer.ts';
import { unclear, unclearByStatus } from '../unclear.ts';

const answerSchema = z.object({
  model: z.string(),
  results: z
    .array(z.object({ flagged: z.boolean(), categories: z.record(z.string(), z.boolean().nullable()), category_scores: z.record(z.string(), z.number()) }))
    .length(1),
});

export type OpenaiOptions = { apiKey: string; model: string; timeoutMs: number; /** Elsewhere than the SDK and its own variables say. */ baseURL?: string };

/** Asks OpenAI's moderation: a flagged picture is rejected, with the categories that flagged it. */
export function openOpenaiReviewer({ apiKey, model, timeoutMs, baseURL }: OpenaiOptions): Reviewer {
  let opening: Promise<OpenAI> | undefined;
  return async ({ picture }, { signal }) => {
    // Loaded when it is first asked. Retries are the job's, with its back-off and its record of every attempt.
    opening ??= import('openai').then((sdk) => new sdk.OpenAI({ apiKey, maxRetries: 0, timeout: timeoutMs, ...(baseURL === undefined ? {} : { baseURL }) }));
    const client = await opening;
    const url = `data:${picture.mimeType};base64,${picture.bytes.toString('base64')}`;
    const answer: unknown = await client.moderations
      .create({ model, input: [{ type: 'image_url', image_url: { url } }] }, { signal })
      .catch((cause: unknown) => {
        throw unclearByStatus(statusOf(cause), cause);
      });
    const parsed = answerSchema.safeParse(answer);
    const result = parsed.data?.results[0];
    if (parsed.data === undefined || result === undefined) throw unclear('gave no answer that can be understood', parsed.error);
    const categories = Object.entries(result.categories).flatMap(([name, isFlagged]) => (isFlagged === true ? [name] : []));
    return {
      outcome: result.flagged ? 'rejected' : 'approved',
      model: parsed.data.model,
      categories,
      scores: result.category_scores,
      reason: result.flagged ? `Flagged as ${categories.join(', ') || 'unsuitable'}.` : null,
      costUnits: 1,
    };
  };
}

const statusOf = (error: unknown): number | undefined =>
  error instanceof Error && 'status' in error && typeof error.status === 'number' ? error.status : undefined;
