import { secondsFrom } from '../lib/clock.ts';
import { SafelightError } from '../lib/errors.ts';
import { finishResumable } from './finish-resumable.ts';
import type { UploadContext } from './upload-context.ts';

/** Longer than a request needs after its last byte; until then the request itself finishes the upload. */
const afterSeconds = 30;
const batch = 50;

/**
 * Finishes resumable uploads whose last byte is durable and whose server died before it had joined and completed them. A client that saw its last
 * request break retries, and that finishes the upload; this is for clients that never come back. Safe in many processes at once, because finishing
 * is.
 */
export async function finishWholeUploads(ctx: UploadContext): Promise<{ finished: number }> {
  const before = secondsFrom(ctx.site.clock.now(), -afterSeconds);
  const whole = await ctx.site.db
    .selectFrom('upload_session')
    .selectAll()
    .where('protocol', '=', 'tus')
    .where('state', '=', 'open')
    .where('declared_bytes', '>', 0)
    .whereRef('received_bytes', '=', 'declared_bytes')
    .where((eb) => eb.or([eb('concat', 'is', null), eb('concat', '=', 'final')]))
    .where((eb) => eb.or([eb('lock_until', 'is', null), eb('lock_until', '<', ctx.site.clock.now())]))
    .where('updated_at', '<', before)
    .where('expires_at', '>', ctx.site.clock.now())
    .orderBy('updated_at')
    .limit(batch)
    .execute();
  let finished = 0;
  for (const session of whole) {
    ctx.signal.throwIfAborted();
    try {
      // Uses the rights of the product: whether the owner may upload was decided at the opening.
      await finishResumable({ ...ctx, actor: { ...ctx.actor, id: session.owner_id } }, session);
      finished += 1;
    } catch (error) {
      ctx.signal.throwIfAborted();
      // The refusal has ended the upload, and its owner has been told.
      if (error instanceof SafelightError && !error.retryable) continue;
      ctx.log.warn({ err: error, uploadId: session.id }, 'a whole upload could not be finished; it is tried again');
    }
    // Moves an upload that failed to the end of the queue, so that the others go first.
    await ctx.site.db
      .updateTable('upload_session')
      .set({ updated_at: ctx.site.clock.now() })
      .where('id', '=', session.id)
      .where('state', '=', 'open')
      .execute();
  }
  return { finished };
}
