import { mediaEvent } from '../assets/media-event.ts';
import { emit } from '../events/emit.ts';
import type { NewEvent } from '../events/stored-event.ts';
import { SafelightError } from '../lib/errors.ts';
import { transact } from '../lib/transact.ts';
import { releaseUnderWriters, locatorOf } from '../storage/ledger.ts';
import { readSessionObject, sessionObjects, type UploadSession } from './session-rows.ts';
import { discardObjects } from '../storage/discard-objects.ts';
import type { UploadContext } from './upload-context.ts';

/** Ends an open session for good: the row records why, followers are told, and everything that had arrived is removed. */
export async function endSession(ctx: UploadContext, session: UploadSession, refusal: SafelightError): Promise<void> {
  const failure = JSON.stringify({ stage: 'complete', code: refusal.code, message: refusal.detail, retryable: false, attempts: 1 });
  const objects = await transact(ctx.site.db, async (tx) => {
    const ended = await tx
      .updateTable('upload_session')
      .set({ state: 'failed', failure, updated_at: ctx.site.clock.now() })
      .where('id', '=', session.id)
      .where('state', '=', 'open')
      .returning(['object_id', 'tail_object_id'])
      .executeTakeFirst();
    if (ended === undefined) return [];
    const ids = sessionObjects(ended);
    await releaseUnderWriters(tx, ids);
    await emit(tx, failedEvents(session, refusal));
    return ids;
  });
  await discardObjects(ctx, objects);
}

/** A part of a concatenation has no destination, so nobody follows it. */
const failedEvents = (session: UploadSession, { code, detail }: SafelightError): NewEvent[] =>
  session.concat === 'partial'
    ? []
    : [mediaEvent({ ...session, id: session.asset_id }, 'upload_failed', { error: { code, message: detail, retryable: false } }, session.job_id)];

/**
 * A provider that no longer knows the upload, because somebody aborted it there, will never take another part. Such an upload has failed and answers
 * `gone` rather than an offset that leads nowhere. Any other error leaves it as it is.
 */
export async function endWhenAborted(ctx: UploadContext, session: UploadSession, error: unknown): Promise<void> {
  if (!(error instanceof SafelightError) || error.status >= 500 || session.object_id === null || session.provider_upload_id === null) return;
  const object = await readSessionObject(ctx.site.db, session.object_id);
  if (object === undefined) return;
  const store = ctx.site.stores.of(locatorOf(object));
  const [parts, whole] = await Promise.all([
    store.multipart?.listParts(object.key, session.provider_upload_id, { signal: ctx.signal }),
    store.head(object.key, { signal: ctx.signal }),
  ]);
  if (parts !== null || whole !== null) return;
  const gone = new SafelightError('gone', 'The storage provider does not know this upload any more; it was aborted there. Open a new one.', { cause: error });
  await endSession(ctx, session, gone);
  throw gone;
}
