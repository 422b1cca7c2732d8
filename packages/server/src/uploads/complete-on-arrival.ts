import { SafelightError } from '../lib/errors.ts';
import { completeOpen, type CompletedUpload, type KnownOfUpload } from './complete-upload.ts';
import { endSession } from './end-session.ts';
import type { UploadSession } from './session-rows.ts';
import type { UploadContext } from './upload-context.ts';

/**
 * Completes an upload whose protocol has no completion step: its last byte is all that its client will ever send. A refusal that a retry cannot
 * change (the collection is full by now, the entity is somebody else's, the quota is used up) ends the upload: the session records why, followers are
 * told, and the bytes are removed. A client that completes in a request of its own gets the refusal as the answer, and may delete something and
 * retry.
 */
export async function completeOnArrival(ctx: UploadContext, session: UploadSession, known: KnownOfUpload = {}): Promise<CompletedUpload> {
  return await endWhenRefused(ctx, session, () => completeOpen(ctx, session, known));
}

export async function endWhenRefused<T>(ctx: UploadContext, session: UploadSession, complete: () => Promise<T>): Promise<T> {
  try {
    return await complete();
  } catch (error) {
    if (error instanceof SafelightError && error.status < 500 && !error.retryable) {
      await endSession(ctx, session, error);
      ctx.log.info({ uploadId: session.id, code: error.code }, 'an upload was refused at its end');
    }
    throw error;
  }
}
