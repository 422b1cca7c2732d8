import { z } from 'zod';

import { askSigned } from '../../egress/ask-signed.ts';
import type { PromptModerator } from '../prompt-moderator.ts';

const answerSchema = z.object({
  decision: z.enum(['approved', 'rejected']),
  reason: z.string().max(500).nullish(),
  categories: z.array(z.string().max(64)).max(64).default([]),
});

/** Asks a service of the application with a signed request (Standard Webhooks), which answers with its decision at once. */
export function createWebhookModerator({ url, secret }: { url: string; secret: string }): PromptModerator {
  return async (question, { signal }) => {
    // When the same prompt is asked about again, the id stays the same.
    const asked = { secret, id: `msg_prompt_${question.jobId}`, message: { type: 'generation.prompt', data: question } };
    const { status, said } = await askSigned(url, asked, { signal });
    if (status !== 200) throw new Error(`the webhook answered ${status}`);
    const { decision, reason, categories } = answerSchema.parse(said);
    return decision === 'approved' ? { allowed: true } : { allowed: false, reason: reason ?? null, categories };
  };
}
