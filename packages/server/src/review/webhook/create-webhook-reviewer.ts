import { z } from 'zod';

import { askSigned } from '../../egress/ask-signed.ts';
import type { Reviewer } from '../reviewer.ts';
import { unclear, unclearByStatus } from '../unclear.ts';

const answerSchema = z.object({
  decision: z.enum(['approved', 'rejected']),
  reason: z.string().max(2000).nullish(),
  model: z.string().max(200).nullish(),
  categories: z.array(z.string().max(64)).max(64).default([]),
  scores: z.record(z.string(), z.number()).default({}),
  costUnits: z.number().nullish(),
});

export type WebhookOptions = { url: string; secret: string };

/**
 * Asks a service of the application with a signed request (Standard Webhooks). It answers with its decision, or with `202` and sends the decision
 * later to the request's `callbackUrl`.
 */
export function createWebhookReviewer({ url, secret }: WebhookOptions): Reviewer {
  return async (request, { signal }) => {
    const { mediaId, revision, collection, entity, altText, pictureURL, callbackURL, picture, more = [] } = request;
    const data = {
      mediaId,
      revision,
      collection,
      entity,
      altText,
      url: pictureURL,
      mimeType: picture.mimeType,
      more: more.map(({ url: address, mimeType }) => ({ url: address, mimeType })),
      callbackUrl: callbackURL,
    };
    const question = { secret, id: `msg_${mediaId}_${revision}`, message: { type: 'review.requested', data } };
    const { status, said } = await askSigned(url, question, { signal }).catch((cause: unknown) => {
      throw unclearByStatus(undefined, cause);
    });
    if (status === 202) return { outcome: 'waiting', model: null, categories: [], scores: {}, reason: null, costUnits: null };
    if (status !== 200) throw unclearByStatus(status, undefined);
    const verdict = answerSchema.safeParse(said);
    if (!verdict.success) throw unclear('gave no answer that can be understood', verdict.error);
    const { decision, reason, model, categories, scores, costUnits } = verdict.data;
    return { outcome: decision, model: model ?? null, categories, scores, reason: reason ?? null, costUnits: costUnits ?? null };
  };
}
