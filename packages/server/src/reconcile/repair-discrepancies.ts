import { sql } from '#kysely';

import { kindRules } from '../assets/kind-rules.ts';
import type { StoreSite } from '../storage/stores.ts';
import type { DataSite, Context } from '../lib/context.ts';
import { lockMedia } from '../places/lock-media.ts';
import { mediaEvent } from '../assets/media-event.ts';
import { emit } from '../events/emit.ts';
import { enqueue } from '../jobs/enqueue.ts';
import { transact } from '../lib/transact.ts';
import { locatorOf } from '../storage/ledger.ts';
import { removeObjects } from '../storage/remove-objects.ts';
import type { Discrepancy } from './discrepancy.ts';
import type { FindContext } from './find-discrepancies.ts';
import { entityOf } from '../lib/reach.ts';

export type RepairContext = Pick<Context, 'log' | 'signal'> & { site: StoreSite };

/**
 * What can be done about a discrepancy.
 *
 *   remove     Finish what was begun: remove the object and its row, as the sweeper would have done.
 *   reprocess  The source is whole, so the asset's artifacts are made again from it. The asset is hidden until then.
 *   wait       Its artifacts are being made now, which may settle it; check again afterwards.
 *   none       Nothing is safe to do automatically; `reason` says what a person can do.
 */
export type Repair = { discrepancy: Discrepancy } & ({ action: 'remove' | 'reprocess' | 'wait' } | { action: 'none'; reason: string });

/** Only decides; changes nothing. */
export async function planRepair(ctx: FindContext, discrepancy: Discrepancy): Promise<Repair> {
  switch (discrepancy.class) {
    case 'stuck_writing':
    case 'stuck_deleting':
      return { discrepancy, action: 'remove' };
    case 'unknown_object':
      return {
        discrepancy,
        action: 'none',
        reason: 'Safelight did not put it there, so it never deletes it. Delete it with the tools of your storage if nobody needs it.',
      };
    case 'missing_object':
    case 'size_mismatch':
      return await planForLostBytes(ctx, discrepancy);
    default:
      return discrepancy.class satisfies never;
  }
}

/** `queued`: a job does it and reports the result. `left`: another process was faster, or it failed; a retry is safe. */
export type RepairOutcome = 'done' | 'queued' | 'left';

/** Carries out the plan, if it still applies. */
export async function applyRepair(ctx: RepairContext, repair: Repair): Promise<RepairOutcome> {
  const { objectId, assetId } = repair.discrepancy;
  switch (repair.action) {
    case 'none':
    case 'wait':
      return 'left';
    case 'remove':
      return objectId !== null && (await finishRemoval(ctx, objectId)) ? 'done' : 'left';
    case 'reprocess':
      return assetId !== null && (await enqueueReprocessing(ctx, assetId)) ? 'queued' : 'left';
    default:
      return repair satisfies never;
  }
}

async function planForLostBytes(ctx: FindContext, discrepancy: Discrepancy): Promise<Repair> {
  const { assetId, objectId } = discrepancy;
  if (assetId === null)
    return { discrepancy, action: 'none', reason: 'It is an upload that is not finished; the upload fails by itself and its row goes with it.' };
  const source = await ctx.site.db
    .selectFrom('asset')
    .innerJoin('object', 'object.id', 'asset.source_object_id')
    .select(['object.id', 'object.provider', 'object.location', 'object.key', 'object.bytes', 'asset.kind', 'asset.status'])
    .where('asset.id', '=', assetId)
    .where('object.state', '=', 'stored')
    .executeTakeFirst();
  const lost = {
    discrepancy,
    action: 'none',
    reason: 'There is no whole source to make it from. Restore the object from a backup, or delete the media.',
  } as const;
  if (source === undefined || source.id === objectId) return lost;
  if (!kindRules[source.kind].remadeAtOnce) {
    const { one } = kindRules[source.kind];
    return {
      discrepancy,
      action: 'none',
      reason: `Single outputs of ${one} are not made again. Restore the object from a backup, or upload the original again.`,
    };
  }
  if (source.status === 'pending' || source.status === 'processing') return { discrepancy, action: 'wait' };
  const object = await ctx.site.stores.of(locatorOf(source)).head(source.key, { signal: ctx.signal });
  return object !== null && (source.bytes === null || object.bytes === source.bytes) && source.status === 'ready' ? { discrepancy, action: 'reprocess' } : lost;
}

async function finishRemoval(ctx: RepairContext, objectId: string): Promise<boolean> {
  // A writer that resumed has extended its lease, and is no longer stuck.
  await sql`
    update object set state = 'deleting', lease_until = null, retry_at = now()
    where id = ${objectId}
      and ((state = 'writing' and lease_until < now())
        or (state = 'deleting' and (retry_at is null or last_error is not null)))`.execute(ctx.site.db);
  const { removed } = await removeObjects(ctx, [objectId]);
  return removed > 0;
}

async function enqueueReprocessing(ctx: { site: DataSite }, assetId: string): Promise<boolean> {
  return await transact(ctx.site.db, async (tx) => {
    const row = await lockMedia(tx, assetId);
    if (row === undefined || row.status !== 'ready' || row.source_object_id === null || row.deleted_at !== null) return false;
    await tx
      .updateTable('asset')
      .set((eb) => ({ status: 'pending', version: eb('version', '+', 1), updated_at: ctx.site.clock.now() }))
      .where('id', '=', assetId)
      .execute();
    await enqueue(tx, {
      type: 'process',
      ownerId: row.owner_id,
      assetId,
      collection: row.collection,
      entity: entityOf(row) ?? undefined,
      data: { assetId },
    });
    if (row.published) await emit(tx, [mediaEvent(row, 'media_unpublished', { media: { id: row.id, collection: row.collection } })]);
    return true;
  });
}
