import { lockMedia } from '../places/lock-media.ts';
import { mediaEvent } from '../assets/media-event.ts';
import type { MediaRow } from '../assets/media-row.ts';
import { objectPathOf, renderMedia } from '../assets/render-media.ts';
import { emit } from '../events/emit.ts';
import type { JobContext } from '../jobs/running-job.ts';
import type { Tx } from '../lib/context.ts';
import { transact } from '../lib/transact.ts';
import { collectionNamed, type CollectionConfig } from '../policy/collection.ts';
import { readPolicy } from '../policy/read-policy.ts';
import { locatorOf } from '../storage/ledger.ts';
import { makeFrom } from './make-from.ts';
import { applyRendered, readyEvents } from './apply-rendered.ts';
import { inItsLane } from './in-its-lane.ts';
import { kinds } from './kinds.ts';
import type { Made, MakeInput } from './made.ts';
import { resumeStages } from './resume-stages.ts';
import type { ProcessingContext } from './processing-context.ts';
import { discardWritten } from '../storage/discard-written.ts';
import { isUnpreviewable, unlessUnpreviewable } from './unpreviewable.ts';

// The states of an asset and their changes are described in assets/status-changes.ts.

/**
 * Makes a pending asset ready. The result is applied only to the source that it was made from: if the asset has changed or gone meanwhile, the result
 * is discarded and its objects are removed.
 */
export async function processAsset(ctx: ProcessingContext & JobContext, { assetId }: { assetId: string }): Promise<void> {
  const begun = await begin(ctx, assetId);
  if (begun === null) return;
  const { row, source } = begun;
  const collection = collectionNamed(ctx.site.collections, row.collection);
  const rendered = await inItsLane(ctx.job, kinds[row.kind].lane, async (options) => await render(ctx, row, source, collection, options));
  try {
    const applied = await transact(ctx.site.db, async (tx) => {
      const current = await lockMedia(tx, assetId);
      // Another source, another attempt, or a deletion came first: this result belongs to nothing any more.
      if (current === undefined || current.source_object_id !== row.source_object_id || current.status !== 'processing') return false;
      await makeReady(ctx, tx, current, rendered, collection);
      return true;
    });
    if (!applied && rendered !== null) await discardWritten(ctx, rendered.artifacts);
  } catch (error) {
    if (rendered !== null) await discardWritten(ctx, rendered.artifacts);
    throw error;
  }
}

type Source = { id: string; provider: string; location: string; key: string };

async function begin(ctx: ProcessingContext & JobContext, assetId: string): Promise<{ row: MediaRow; source: Source } | null> {
  return await transact(ctx.site.db, async (tx) => {
    const row = await lockMedia(tx, assetId);
    if (row === undefined || row.source_object_id === null || (row.status !== 'pending' && row.status !== 'processing')) return null;
    const source = await tx
      .selectFrom('object')
      .select(['id', 'provider', 'location', 'key'])
      .where('id', '=', row.source_object_id)
      .where('state', '=', 'stored')
      .executeTakeFirst();
    if (source === undefined) return null;
    await tx
      .updateTable('asset')
      .set((eb) => ({ status: 'processing', failure: null, version: eb('version', '+', 1), updated_at: ctx.site.clock.now() }))
      .where('id', '=', assetId)
      .execute();
    await emit(tx, [mediaEvent(row, 'processing_started', {}, ctx.job.id)]);
    return { row, source };
  });
}

/** The artifacts that this asset needs besides its source, or null when it needs none. */
async function render(
  ctx: ProcessingContext & JobContext,
  row: MediaRow,
  source: Source,
  collection: CollectionConfig,
  options: Pick<MakeInput, 'slow' | 'only'>,
): Promise<Made | null> {
  const kind = kinds[row.kind];
  if (!kind.isMade(collection, row.mime_type) || isUnpreviewable(collection, { mimeType: row.mime_type, bytes: row.byte_size })) return null;
  const rules = await readPolicy(ctx.site.db, row.collection);
  const input = {
    collection,
    rules,
    ownerId: row.owner_id,
    assetId: row.id,
    mimeType: row.mime_type,
    focalPoint: row.focal_point,
    digitalSource: row.digital_source,
    ...options,
    ...(!kind.staged ? {} : { stages: await resumeStages(ctx, row, collection) }),
  };
  return await unlessUnpreviewable(collection, rules, () =>
    makeFrom(ctx, row.kind, locatorOf(source), { ...input, onProgress: (fraction, step) => ctx.job.progress(fraction, step) }),
  );
}

/** One transaction: artifacts, status, gate, job and events. No reader ever sees a part of it. */
async function makeReady(ctx: ProcessingContext & JobContext, tx: Tx, row: MediaRow, rendered: Made | null, collection: CollectionConfig): Promise<void> {
  const { after, gated, placed } = await applyRendered(ctx, tx, row, rendered, collection);
  const media = renderMedia(after, ctx.site.urls, 'own');
  const result = { url: media.src, path: objectPathOf(after.artifacts), media };
  await ctx.job.settle(tx, result);
  await emit(tx, readyEvents(after, { gated, placed, wasPublished: row.published, result }, ctx.job.id));
}
