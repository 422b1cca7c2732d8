import type { JobError } from '@safelight/contract/jobs';

import { mediaEvent } from '../assets/media-event.ts';
import { emit } from '../events/emit.ts';
import type { Tx } from '../lib/context.ts';
import type { Failure } from '../lib/schema.ts';
import { releaseObjects } from '../storage/ledger.ts';
import { readSession } from './session-rows.ts';

/**
 * An import or a finalization has failed for good: the session and the asset say why, in the transaction that ends the job, and the object that
 * was refused goes. The row stays for its owner to see and delete.
 */
export async function failUpload(tx: Tx, input: { uploadId: string; jobId: string; attempts: number; error: JobError }): Promise<void> {
  const session = await readSession(tx, input.uploadId);
  if (session === undefined || (session.state !== 'finalizing' && session.state !== 'open')) return;
  const failure: Failure = { stage: 'finalize', ...input.error, retryable: false, attempts: input.attempts };
  await tx
    .updateTable('upload_session')
    .set({ state: 'failed', failure: JSON.stringify(failure), updated_at: new Date() })
    .where('id', '=', session.id)
    .execute();
  await tx
    .updateTable('asset')
    .set((eb) => ({ status: 'failed', failure: JSON.stringify(failure), source_object_id: null, version: eb('version', '+', 1), updated_at: new Date() }))
    .where('id', '=', session.asset_id)
    .execute();
  if (session.object_id !== null) await releaseObjects(tx, [session.object_id]);
  await emit(tx, [
    mediaEvent(
      { ...session, id: session.asset_id },
      'upload_failed',
      { error: { code: input.error.code, message: input.error.message, retryable: false } },
      input.jobId,
    ),
  ]);
}
