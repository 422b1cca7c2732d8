import { selectMedia, type MediaRow } from '../assets/media-row.ts';
import { isUnreachable } from '../lib/database.ts';
import type { ReceivedFile } from './received-file.ts';
import type { UploadContext } from './upload-context.ts';

/**
 * The asset of received bytes whose registration failed because the connection was lost: its COMMIT may have been carried out, and only the answer
 * lost. Its sender would send the file again, and have it twice. To be asked once the bytes were given up, which waits for a COMMIT that is still
 * running. Null if there is none, or if that cannot be known now.
 */
export async function registeredAnyway(ctx: UploadContext, received: ReceivedFile, error: unknown): Promise<{ row: MediaRow; jobId: string | null } | null> {
  if (!isUnreachable(error)) return null;
  try {
    const row = await selectMedia(ctx.site.db).where('asset.id', '=', received.assetId).executeTakeFirst();
    if (row === undefined) return null;
    const session = await ctx.site.db.selectFrom('upload_session').select('job_id').where('id', '=', received.uploadId).executeTakeFirst();
    return { row, jobId: session?.job_id ?? null };
  } catch (cause) {
    ctx.log.warn({ err: cause, uploadId: received.uploadId }, 'whether an upload was registered before the connection was lost cannot be known now');
    return null;
  }
}
