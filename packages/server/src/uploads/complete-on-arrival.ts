import { SafelightError } from '../lib/errors.ts';
import { completeOpen, type CompletedUpload, type KnownOfUpload } from './complete-upload.ts';
import { endSession } from './end-session.ts';
import type { UploadSession } from './session-rows.ts';
import type { UploadContext } from './upload-context.ts';

/**
 * Completes an upload whose protocol has no step of its own for it: its last byte is all that its client will ever send. So a refusal that
 * trying again cannot change — the collection has filled up meanwhile, the entity is somebody else's, the quota is used up — ends
 * it: the session says why, followers are told, the bytes go. A client that completes in a request of its own is answered there, and may
 * delete something and ask again.
 */
export async function completeOnArrival(ctx: UploadContext, session: UploadSession, known: KnownOfUpload = {}): Promise<CompletedUpload> {
  try {
    return await completeOpen(ctx, session, known);
  } catch (error) {
    if (error instanceof SafelightError && error.status < 500 && !error.retryable) {
      await endSession(ctx, session, error);
      ctx.log.info({ uploadId: session.id, code: error.code }, 'an upload was refused at its end');
    }
    throw error;
  }
}
