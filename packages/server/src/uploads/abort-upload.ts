import { SafelightError } from '../lib/errors.ts';
import { transact } from '../lib/transact.ts';
import { abandonObjects } from '../storage/ledger.ts';
import { removeObjects } from '../storage/remove-objects.ts';
import { findOwnSession } from './find-session.ts';
import type { UploadSession } from './session-rows.ts';
import type { UploadContext } from './upload-context.ts';

/** Ends an open upload and removes what had arrived, parts at the provider included; aborting again is the same as once. */
export async function abortUpload(ctx: UploadContext, { uploadId }: { uploadId: string }): Promise<UploadSession> {
  const session = await findOwnSession(ctx, { uploadId });
  if (session.state === 'complete' || session.state === 'finalizing') {
    throw new SafelightError('conflict', `This upload is ${session.state}; delete the media ${session.asset_id} instead.`);
  }
  if (session.state !== 'open') return session;
  const aborted = await transact(ctx.db, async (tx) => {
    const { numUpdatedRows } = await tx
      .updateTable('upload_session')
      .set({ state: 'aborted', updated_at: ctx.clock.now() })
      .where('id', '=', session.id)
      .where('state', '=', 'open')
      .executeTakeFirst();
    if (numUpdatedRows === 0n) return false;
    if (session.object_id !== null) await abandonObjects(tx, [session.object_id]);
    return true;
  });
  if (aborted && session.object_id !== null) await removeObjects(ctx, [session.object_id]);
  return { ...session, state: 'aborted' };
}
