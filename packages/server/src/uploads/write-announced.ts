import { emit } from '../events/emit.ts';
import type { NewEvent } from '../events/stored-event.ts';
import type { Tx } from '../lib/context.ts';
import { transact } from '../lib/transact.ts';
import { hasQuota, reserveQuota, type More } from '../policy/require-quota.ts';
import { insertSession, type NewSession, type UploadSession } from './session-rows.ts';
import type { UploadContext } from './upload-context.ts';
import { writeOpening } from './write-opening.ts';

type How = {
  /** False for a part of a concatenation: it has no destination, so nobody follows it. */
  isTold?: boolean;
  /** The ledger row of the object is there already. */
  isReserved?: boolean;
  /** Runs in the same transaction. */
  keep?: ((tx: Tx) => Promise<void>) | undefined;
};

/**
 * Writes an upload whose bytes come later: its session, the ledger row of its object, the reservation of its owner's quota, and the event that it has
 * begun.
 */
export async function writeAnnounced(
  ctx: UploadContext,
  session: NewSession,
  more: More,
  { isTold = true, isReserved, keep }: How = {},
): Promise<UploadSession> {
  const event: NewEvent = {
    name: 'upload_started',
    ownerId: session.ownerId,
    collection: session.plan.collection.name,
    entity: session.plan.entity,
    mediaId: session.assetId,
    payload: {},
  };
  if (!hasQuota(ctx.actor, ctx.site.ceilings) && isReserved !== true && keep === undefined) {
    const opened = await writeOpening(ctx.site.db, { session, ...(isTold ? { event } : {}) });
    if (opened === null) throw new Error('an upload was to be written with its session, and was written without it');
    return opened;
  }
  return await transact(ctx.site.db, async (tx) => {
    await reserveQuota(tx, ctx.actor, ctx.site.ceilings, more);
    const opened = await insertSession(tx, session, isReserved);
    await keep?.(tx);
    if (isTold) await emit(tx, [event]);
    return opened;
  });
}
