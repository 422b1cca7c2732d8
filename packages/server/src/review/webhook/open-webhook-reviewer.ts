import { z } from 'zod';

import { signMessage } from '../../egress/sign-message.ts';
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
const mostAnswerBytes = 65_536;

export type WebhookOptions = { url: string; secret: string };

/**
 * Asks a service of the application with a signed request (Standard Webhooks). It answers its decision at once, or `202` and sends it
 * later to the `callbackUrl` of the request.
 */
export function openWebhookReviewer({ url, secret }: WebhookOptions): Reviewer {
  return async (request, { signal }) => {
    const { mediaId, revision, collection, entity, altText, pictureURL, callbackURL, picture, more = [] } = request;
    const body = JSON.stringify({
      type: 'review.requested',
      timestamp: new Date().toISOString(),
      data: {
        mediaId,
        revision,
        collection,
        entity,
        altText,
        url: pictureURL,
        mimeType: picture.mimeType,
        more: more.map(({ url: address, mimeType }) => ({ url: address, mimeType })),
        callbackUrl: callbackURL,
      },
    });
    const answer = await fetch(url, {
      method: 'POST',
      redirect: 'error',
      signal,
      body,
      headers: { 'content-type': 'application/json', ...signMessage([secret], { id: `msg_${mediaId}_${revision}`, body, at: new Date() }) },
    }).catch((cause: unknown) => {
      throw unclearByStatus(undefined, cause);
    });
    if (answer.status === 202) {
      await answer.body?.cancel();
      return { outcome: 'waiting', model: null, categories: [], scores: {}, reason: null, costUnits: null };
    }
    if (answer.status !== 200) {
      await answer.body?.cancel();
      throw unclearByStatus(answer.status, undefined);
    }
    const verdict = answerSchema.safeParse(await readJson(answer));
    if (!verdict.success) throw unclear('gave no answer that can be understood', verdict.error);
    const { decision, reason, model, categories, scores, costUnits } = verdict.data;
    return { outcome: decision, model: model ?? null, categories, scores, reason: reason ?? null, costUnits: costUnits ?? null };
  };
}

async function readJson(answer: Response): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of answer.body ?? []) {
      chunks.push(chunk);
      length += chunk.length;
      if (length > mostAnswerBytes) return undefined;
    }
    return JSON.parse(Buffer.concat(chunks).toString());
  } catch (cause) {
    if (cause instanceof SyntaxError) return undefined;
    throw unclearByStatus(undefined, cause);
  }
}
