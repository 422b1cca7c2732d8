import type { ErrorCode } from '@safelight/contract/errors';
import { sql } from '#kysely';

import { lockMedia } from '../places/lock-media.ts';
import { mediaEvent } from '../assets/media-event.ts';
import { emit } from '../events/emit.ts';
import type { NewEvent } from '../events/stored-event.ts';
import type { Tx, DataSite } from '../lib/context.ts';
import type { Failure } from '../lib/schema.ts';
import { readPolicy } from '../policy/read-policy.ts';
import { recordAttempt, type AttemptFacts } from './apply-decision.ts';

export type FailReview = { assetId: string; error: { code: ErrorCode; message: string }; attempts: number; jobId: string; facts: AttemptFacts };

/** Records an attempt without a clear answer: the photo stays hidden, and its owner sees the reason and that a retry can help. */
export async function failReview(ctx: { site: Pick<DataSite, 'clock'> }, tx: Tx, input: FailReview): Promise<NewEvent[]> {
  const row = await lockMedia(tx, input.assetId);
  if (row === undefined || (row.review !== 'queued' && row.review !== 'failed')) return [];
  const { code, message } = input.error;
  const failure: Failure = { stage: 'review', code, message, retryable: true, attempts: input.attempts };
  await recordAttempt(tx, row, 'failed', input.facts, input.error);
  await tx
    .updateTable('asset')
    .set({ review: 'failed', failure: JSON.stringify(failure), version: sql`version + 1`, updated_at: ctx.site.clock.now() })
    .where('id', '=', row.id)
    .execute();
  return [mediaEvent(row, 'review_failed', { error: { code, message, retryable: true } }, input.jobId)];
}

/** Ends a review job without a result; emits the event only if no attempt has done so. */
export async function endReview(ctx: { site: Pick<DataSite, 'clock'> }, tx: Tx, input: Omit<FailReview, 'facts'>): Promise<void> {
  const row = await lockMedia(tx, input.assetId);
  if (row?.review !== 'queued') return;
  const { photoReviewProvider: provider } = await readPolicy(tx, row.collection);
  const facts = { provider, model: null, categories: [], scores: {}, reason: null, costUnits: null, latencyMs: null, decidedBy: null };
  await emit(tx, await failReview(ctx, tx, { ...input, facts }));
}
