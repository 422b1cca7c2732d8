import { patienceMs } from '../lib/patience.ts';
import { transact } from '../lib/transact.ts';
import { discardObjects } from '../storage/discard-objects.ts';
import { discardWritten } from '../storage/discard-written.ts';
import { releaseUnbound, releaseUnrecorded, type Written } from '../storage/ledger.ts';
import type { ReceivedFile } from './received-file.ts';
import type { UploadContext } from './upload-context.ts';

type Discarded = Pick<ReceivedFile, 'uploadId' | 'objectId' | 'locator' | 'unopened' | 'isUnnamed'>;

const writtenOf = ({ locator, objectId }: Discarded): Written => ({ ...locator, id: objectId, role: 'source' });

/**
 * Gives up received bytes when the step after them has failed. If even that cannot be recorded, the lease runs out and the sweeper removes them. Bytes
 * that have no ledger row are only removed, so a transaction that inserts it must not have committed.
 */
export async function discardReceived(ctx: UploadContext, received: Discarded): Promise<void> {
  if (received.isUnnamed === true) return await removeUnrecorded(ctx, received);
  try {
    await transact(ctx.site.db, async (tx) => {
      await releaseUnbound(tx, [received.objectId]);
      await tx
        .updateTable('upload_session')
        .set({ state: 'aborted', updated_at: ctx.site.clock.now() })
        .where('id', '=', received.uploadId)
        .where('state', '=', 'open')
        .execute();
    });
  } catch (error) {
    ctx.log.warn({ err: error, uploadId: received.uploadId }, 'a failed upload could not be ended at once; the sweeper will end it');
  }
  await discardWritten(ctx, [writtenOf(received)]);
}

/** The same when nobody knows whether the bytes were registered; if they were, they are kept. */
export async function discardUnregistered(ctx: UploadContext, received: Discarded): Promise<void> {
  const { isUnnamed, unopened, objectId, uploadId } = received;
  if (isUnnamed !== true || unopened === undefined) return await discardReceived(ctx, received);
  try {
    await releaseUnrecorded(ctx.site.db, [writtenOf(received)]);
  } catch (error) {
    ctx.log.warn({ err: error, uploadId }, 'whether an upload was registered cannot be known now; the sweeper will name its bytes, or remove them');
    return;
  }
  await discardObjects(ctx, [objectId]);
}

async function removeUnrecorded(ctx: UploadContext, { locator, uploadId }: Discarded): Promise<void> {
  try {
    // Has its own deadline: a shutdown does not cut it off, and it does not delay a shutdown for long.
    await ctx.site.stores.of(locator).delete([locator.key], { signal: AbortSignal.timeout(patienceMs.discard) });
  } catch (error) {
    ctx.log.warn({ err: error, uploadId }, 'the bytes of a failed upload could not be removed at once; the sweeper will remove them');
  }
}
