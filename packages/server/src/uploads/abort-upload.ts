import { SafelightError } from '../lib/errors.ts';
import { transact } from '../lib/transact.ts';
import { releaseUnderWriters } from '../storage/ledger.ts';
import { findOwnSession } from './find-session.ts';
import { sessionObjects, type UploadSession } from './session-rows.ts';
import { discardObjects } from '../storage/discard-objects.ts';
import type { UploadContext } from './upload-context.ts';

/** Ends an open upload and removes what had arrived, including parts at the provider. Aborting again changes nothing. */
export async function abortUpload(ctx: UploadContext, { uploadId }: { uploadId: string }): Promise<UploadSession> {
  const session = await findOwnSession(ctx, { uploadId });
  if (session.state === 'complete' || session.state === 'finalizing') {
    throw new SafelightError('conflict', `This upload is ${session.state}; delete the media ${session.asset_id} instead.`);
  }
  if (session.state !== 'open') return session;
  const objects = await transact(ctx.site.db, async (tx) => {
    const aborted = await tx
      .updateTable('upload_session')
      .set({ state: 'aborted', updated_at: ctx.site.clock.now() })
      .where('id', '=', session.id)
      .where('state', '=', 'open')
      .returning(['object_id', 'tail_object_id'])
      .executeTakeFirst();
    const ids = aborted === undefined ? [] : sessionObjects(aborted);
    await releaseUnderWriters(tx, ids);
    return ids;
  });
  await discardObjects(ctx, objects);
  return { ...session, state: 'aborted' };
}
