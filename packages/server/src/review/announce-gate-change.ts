import type { AssetSite } from '../assets/read-media.ts';
import { enqueueReviews } from '../assets/enqueue-reviews.ts';
import { enqueueCdnPurge } from '../assets/enqueue-purge.ts';
import { mediaEvent } from '../assets/media-event.ts';
import { selectMedia, type MediaRow } from '../assets/media-row.ts';
import { renderMedia } from '../assets/render-media.ts';
import { emit } from '../events/emit.ts';
import type { NewEvent } from '../events/stored-event.ts';
import type { JobContext } from '../jobs/running-job.ts';
import type { Tx } from '../lib/context.ts';
import { transact } from '../lib/transact.ts';
import { collectionNamed } from '../policy/collection.ts';
import { cutOver } from '../places/cut-over.ts';
import { lockCollection } from '../places/lock-place.ts';

export type GateSite = Pick<AssetSite, 'clock' | 'collections' | 'urls' | 'purgesCdn'>;
export type GateContext = { site: GateSite };

/** The number of photos announced in one transaction, which holds the lock on the collection. */
const batch = 500;

/**
 * Announces a batch of photos that a change of the gate has moved, under the lock on their collection: emits an event for each, queues reviews,
 * purges the CDN, and lets waiting replacements take their places. The events show the present state of each photo. It uses statements per batch,
 * except for the few whose place has to be settled.
 */
export async function announceTurned(ctx: GateContext, tx: Tx, collection: string): Promise<{ events: NewEvent[]; told: number; isLast: boolean }> {
  const turned = await tx
    .selectFrom('asset')
    .select(['id', 'replaces', 'purpose', 'gate_turn'])
    .where('collection', '=', collection)
    .where('gate_turn', 'is not', null)
    .orderBy('id')
    .limit(batch)
    .execute();
  if (turned.length === 0) return { events: [], told: 0, isLast: true };
  const ids = turned.map(({ id }) => id);
  await tx.updateTable('asset').set({ gate_turn: null }).where('id', 'in', ids).execute();
  const { singlePurposes } = collectionNamed(ctx.site.collections, collection);
  const events: NewEvent[] = [];
  for (const { id, replaces, purpose, gate_turn } of turned) {
    if (gate_turn === 'opened' && (replaces !== null || singlePurposes.includes(purpose))) events.push(...(await cutOver(ctx, tx, id)));
  }
  const rows = await selectMedia(tx).where('asset.id', 'in', ids).where('asset.deleted_at', 'is', null).orderBy('asset.id').execute();
  const closed = new Set(turned.flatMap(({ id, gate_turn }) => (gate_turn === 'closed' ? [id] : [])));
  const hidden = rows.filter((row) => closed.has(row.id) && !row.published && row.replaces === null);
  await enqueueCdnPurge(ctx, tx, hidden);
  const jobs = await queueReviews(tx, rows);
  const isHidden = new Set(hidden);
  for (const row of rows) {
    const name = row.published ? 'media_published' : isHidden.has(row) ? 'media_unpublished' : null;
    if (name !== null) events.push(mediaEvent(row, name, { media: renderMedia(row, ctx.site.urls, 'own') }));
    const job = jobs.get(row.id);
    if (job !== undefined) events.push(mediaEvent(row, 'review_queued', {}, job));
  }
  return { events, told: ids.length, isLast: ids.length < batch };
}

/** Queues a review for each photo that waits for a decision; the jobs are keyed by asset. */
async function queueReviews(tx: Tx, rows: readonly MediaRow[]): Promise<Map<string, string>> {
  const waiting = rows.filter(({ review, status }) => review === 'queued' && status === 'ready');
  const jobs = await enqueueReviews(tx, waiting);
  return new Map(waiting.map(({ id }, index) => [id, jobs[index] ?? '']));
}

/** Of the job, only its progress is used. */
type TellingContext = GateContext & Omit<JobContext, 'job'> & { job: Pick<JobContext['job'], 'progress'> };

/**
 * Announces all photos that a change of the gate has left, batch by batch, each in its own transaction: others get their turn in between, and the
 * next attempt announces what a crash left out.
 */
export async function announceGateChange(ctx: TellingContext, { collection }: { collection: string }): Promise<void> {
  const { total } = await ctx.site.db
    .selectFrom('asset')
    .select((eb) => eb.fn.countAll<number>().as('total'))
    .where('collection', '=', collection)
    .where('gate_turn', 'is not', null)
    .executeTakeFirstOrThrow();
  let done = 0;
  for (;;) {
    ctx.signal.throwIfAborted();
    const { told, isLast } = await transact(ctx.site.db, async (tx) => {
      await lockCollection(tx, collection);
      const batchOf = await announceTurned(ctx, tx, collection);
      await emit(tx, batchOf.events);
      return batchOf;
    });
    done += told;
    ctx.job.progress(Math.min(1, done / Math.max(1, total)), 'telling');
    if (isLast) return;
  }
}
