import type { OpenAI } from 'openai';
import { z } from 'zod';

import type { Reviewer, Verdict } from '../reviewer.ts';
import { unclear, unclearByStatus } from '../unclear.ts';

const answerSchema = z.object({
  model: z.string(),
  results: z
    .array(z.object({ flagged: z.boolean(), categories: z.record(z.string(), z.boolean().nullable()), category_scores: z.record(z.string(), z.number()) }))
    .length(1),
});

export type OpenaiOptions = { apiKey: string; model: string; timeoutMs: number; /** Overrides the SDK's own address. */ baseURL?: string };

/** Asks OpenAI's moderation: a flagged picture is rejected, with the categories that flagged it. */
export function createOpenaiReviewer({ apiKey, model, timeoutMs, baseURL }: OpenaiOptions): Reviewer {
  let opening: Promise<OpenAI> | undefined;
  return async ({ picture, more = [] }, { signal }) => {
    // Loaded on first use. The job does the retries, with its back-off and a record of every attempt.
    opening ??= import('openai').then((sdk) => new sdk.OpenAI({ apiKey, maxRetries: 0, timeout: timeoutMs, ...(baseURL === undefined ? {} : { baseURL }) }));
    const client = await opening;
    const all = [picture, ...more];
    // One picture per request; the first that is flagged decides.
    for (const [at, one] of all.entries()) {
      const answer = await moderate(client, one, { model, signal });
      if (answer.isFlagged || at === all.length - 1) return verdictOf(answer, at + 1);
    }
    throw unclear('was asked about nothing');
  };
}

type Answer = { isFlagged: boolean; model: string; categories: string[]; scores: Record<string, number> };

async function moderate(
  client: OpenAI,
  { mimeType, bytes }: { mimeType: string; bytes: Buffer },
  { model, signal }: { model: string; signal: AbortSignal },
): Promise<Answer> {
  const url = `data:${mimeType};base64,${bytes.toString('base64')}`;
  const answer: unknown = await client.moderations.create({ model, input: [{ type: 'image_url', image_url: { url } }] }, { signal }).catch((cause: unknown) => {
    throw unclearByStatus(statusOf(cause), cause);
  });
  const parsed = answerSchema.safeParse(answer);
  const result = parsed.data?.results[0];
  if (parsed.data === undefined || result === undefined) throw unclear('gave no answer that can be understood', parsed.error);
  const categories = Object.entries(result.categories).flatMap(([name, isFlagged]) => (isFlagged === true ? [name] : []));
  return { isFlagged: result.flagged, model: parsed.data.model, categories, scores: result.category_scores };
}

const verdictOf = ({ isFlagged, model, categories, scores }: Answer, costUnits: number): Verdict => ({
  outcome: isFlagged ? 'rejected' : 'approved',
  model,
  categories,
  scores,
  reason: isFlagged ? `Flagged as ${categories.join(', ') || 'unsuitable'}.` : null,
  costUnits,
});
const statusOf = (error: unknown): number | undefined =>
  error instanceof Error && 'status' in error && typeof error.status === 'number' ? error.status : undefined;
