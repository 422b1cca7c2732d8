import { sql } from 'kysely';

import { enqueueReviews } from '../assets/enqueue-review.ts';
import { forgetAtCdn } from '../assets/enqueue-purge.ts';
import { mediaEvent } from '../assets/media-event.ts';
import { selectMedia, type MediaRow } from '../assets/media-row.ts';
import type { AssetContext } from '../assets/read-media.ts';
import { renderMedia } from '../assets/render-media.ts';
import { emit } from '../events/emit.ts';
import type { NewEvent } from '../events/stored-event.ts';
import { hastenJobs } from '../jobs/hasten-jobs.ts';
import type { Tx } from '../lib/context.ts';
import type { PolicyChanged } from '../policy/change-policy.ts';

export type GateContext = Pick<AssetContext, 'urls' | 'purgesCdn' | 'takePlace'>;

/** So many photos are told of one by one when the gate moves; of more, `policy_changed` says to read again. */
const mostTold = 500;
const batch = 1000;

/** What follows from a changed policy, in its transaction: the gate opens or closes for what is there, and everybody is told. */
export async function followPolicy(ctx: GateContext, tx: Tx, change: PolicyChanged, changedBy: string): Promise<void> {
  const { before, after, collection } = change;
  const told: NewEvent[] = [{ name: 'policy_changed', ownerId: changedBy, collection, payload: { collection, changed: change.changed } }];
  if (before.photoReviewEnabled && !after.photoReviewEnabled) told.push(...(await openGate(ctx, tx, collection)));
  else if (!before.photoReviewEnabled && after.photoReviewEnabled) told.push(...(await closeGate(ctx, tx, collection, change.existing)));
  else if (after.photoReviewEnabled && before.photoReviewProvider !== after.photoReviewProvider) await askAgain(tx, collection);
  await emit(tx, told);
}

/** Nobody waits any more: what was neither approved nor rejected is shown, and waiting replacements take their places. A rejection holds. */
async function openGate(ctx: GateContext, tx: Tx, collection: string): Promise<NewEvent[]> {
  const waiting = await selectMedia(tx)
    .where('asset.collection', '=', collection)
    .where('asset.kind', '=', 'image')
    .where('asset.review', 'in', ['queued', 'failed'])
    .where('asset.deleted_at', 'is', null)
    .orderBy('asset.id')
    .limit(mostTold)
    .execute();
  await sql`
    update asset set review = 'not_required', failure = case when failure ->> 'stage' = 'review' then null else failure end,
      review_claimed_by = null, review_claimed_until = null, version = version + 1, updated_at = now()
    where collection = ${collection} and review in ('queued', 'failed')`.execute(tx);
  const placed: NewEvent[] = [];
  const replacing = await tx.selectFrom('presentable_asset').select('id').where('collection', '=', collection).where('replaces', 'is not', null).execute();
  for (const { id } of [...replacing, ...waiting]) placed.push(...(await ctx.takePlace(tx, id)));
  return [...placed, ...(await publishedNow(ctx, tx, waiting))];
}

/** What passed without a review waits for one, or is let through as it is when the manager says so. */
async function closeGate(ctx: GateContext, tx: Tx, collection: string, existing: PolicyChanged['existing']): Promise<NewEvent[]> {
  const undecided = sql`collection = ${collection} and kind = 'image' and status = 'ready' and review in ('not_required', 'queued', 'failed')`;
  if (existing === 'grandfather') {
    await sql`update asset set review = 'approved', version = version + 1, updated_at = now() where ${undecided}`.execute(tx);
    return [];
  }
  const hidden = await selectMedia(tx)
    .where('asset.collection', '=', collection)
    .where('asset.kind', '=', 'image')
    .where('asset.status', '=', 'ready')
    .where('asset.review', 'in', ['not_required', 'queued', 'failed'])
    .where('asset.deleted_at', 'is', null)
    .orderBy('asset.id')
    .limit(mostTold)
    .execute();
  await sql`update asset set review = 'queued', version = version + 1, updated_at = now() where ${undecided}`.execute(tx);
  await queueAll(tx, collection);
  await forgetAtCdn(ctx, tx, hidden);
  return hidden.flatMap((row) => {
    const media = renderMedia({ ...row, review: 'queued', published: false, version: row.version + 1 }, ctx.urls, true);
    return [...(row.replaces === null ? [mediaEvent(row, 'media_unpublished', { media })] : []), mediaEvent(row, 'review_queued', {})];
  });
}

/** Another reviewer has the word: what waits or has failed is asked about again, at once. */
async function askAgain(tx: Tx, collection: string): Promise<void> {
  await sql`
    update asset set review = 'queued', failure = null, version = version + 1, updated_at = now()
    where collection = ${collection} and review = 'failed' and status = 'ready'`.execute(tx);
  await hastenJobs(tx, await queueAll(tx, collection));
}

async function queueAll(tx: Tx, collection: string): Promise<string[]> {
  const jobs: string[] = [];
  let after = '00000000-0000-0000-0000-000000000000';
  for (;;) {
    const rows = await tx
      .selectFrom('asset')
      .select(['id', 'owner_id', 'collection', 'entity_type', 'entity_id'])
      .where('collection', '=', collection)
      .where('review', '=', 'queued')
      .where('status', '=', 'ready')
      .where('deleted_at', 'is', null)
      .where('id', '>', after)
      .orderBy('id')
      .limit(batch)
      .execute();
    const last = rows.at(-1);
    if (last === undefined) return jobs;
    jobs.push(...(await enqueueReviews(tx, rows)));
    after = last.id;
  }
}

async function publishedNow(ctx: GateContext, tx: Tx, rows: readonly MediaRow[]): Promise<NewEvent[]> {
  if (rows.length === 0) return [];
  const now = await selectMedia(tx).where('asset.id', 'in', idsOf(rows)).orderBy('asset.id').execute();
  return now.flatMap((row) => (row.published ? [mediaEvent(row, 'media_published', { media: renderMedia(row, ctx.urls, true) })] : []));
}

const idsOf = (rows: readonly MediaRow[]): string[] => rows.map(({ id }) => id);
