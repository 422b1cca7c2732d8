import type { PolicyRules } from '@safelight/contract/media-rules';
import type { ReviewExisting } from '@safelight/contract/policies';
import { sql } from '#kysely';

import { emit } from '../events/emit.ts';
import { enqueue } from '../jobs/enqueue.ts';
import { runJobsNow } from '../jobs/run-jobs-now.ts';
import { ofAll } from '../lib/answered-in-time.ts';
import type { Tx } from '../lib/context.ts';
import { announceTurned, type GateContext } from './announce-gate-change.ts';

export type PolicyChanged = { collection: string; before: PolicyRules; after: PolicyRules; changed: string[]; existing: ReviewExisting };

/**
 * Applies a changed policy to the existing photos, in its transaction: the gate opens or closes for all of them in one statement, and the first of
 * those that it moved are announced. A job announces the rest (`announceGateChange`): thousands of events must not hold up other transactions.
 */
export async function followPolicy(ctx: GateContext, tx: Tx, change: PolicyChanged, changedBy: string): Promise<void> {
  const { before, after, collection } = change;
  if (before.photoReviewEnabled && !after.photoReviewEnabled) await openGate(tx, collection);
  else if (!before.photoReviewEnabled && after.photoReviewEnabled) await closeGate(tx, collection, change.existing);
  else if (after.photoReviewEnabled && before.photoReviewProvider !== after.photoReviewProvider) await askAgain(tx, collection);
  const { events, isLast } = await announceTurned(ctx, tx, collection);
  if (!isLast) await enqueue(tx, { type: 'announce.gate', ownerId: changedBy, collection, data: { collection } });
  await emit(tx, [{ name: 'policy_changed', ownerId: changedBy, collection, payload: { collection, changed: change.changed } }, ...events]);
}

/** Ends the waiting: photos that were neither approved nor rejected are shown, and waiting replacements take their places. A rejection stays. */
async function openGate(tx: Tx, collection: string): Promise<void> {
  await sql`${ofAll}
    update asset
    set review = 'not_required', failure = case when failure ->> 'stage' = 'review' then null else failure end,
      review_claimed_by = null, review_claimed_until = null, version = version + 1, updated_at = now(),
      gate_turn = ${turnOf('opened')}
    where collection = ${collection} and review in ('queued', 'failed')`.execute(tx);
}

/** Photos that were shown without a review now wait for one, or stay visible if the manager says so. */
async function closeGate(tx: Tx, collection: string, existing: PolicyChanged['existing']): Promise<void> {
  const undecided = sql`collection = ${collection} and kind in ('image', 'video') and status = 'ready' and review in ('not_required', 'queued', 'failed')`;
  await (
    existing === 'grandfather'
      ? sql`${ofAll}update asset set review = 'approved', version = version + 1, updated_at = now() where ${undecided}`
      : sql`${ofAll}
        update asset set review = 'queued', version = version + 1, updated_at = now(), gate_turn = ${turnOf('closed')}
        where ${undecided}`
  ).execute(tx);
}

/** The policy has another reviewer now: failed reviews are repeated, and those that wait for their next attempt start at once. */
async function askAgain(tx: Tx, collection: string): Promise<void> {
  const { rows } = await sql<{ id: string }>`${ofAll}
    update asset
    set review = 'queued', failure = null, version = version + case when review = 'failed' then 1 else 0 end,
      updated_at = now(),
      gate_turn = ${turnOf('asked_again')}
    where collection = ${collection} and review in ('queued', 'failed') and status = 'ready' returning id`.execute(tx);
  const { rows: jobs } = await sql<{ id: string }>`
    select id from job
    where type = 'review' and finished_at is null
      and singleton_key = any(${rows.map(({ id }) => id)}::text[])`.execute(tx);
  await runJobsNow(
    tx,
    jobs.map(({ id }) => id),
  );
}

/** A deleted photo is announced when it is restored. */
const turnOf = (turn: 'opened' | 'closed' | 'asked_again') => sql`case when deleted_at is null then ${turn}::text end`;
