import type { JobError } from '@safelight/contract/jobs';

import { mediaEvent } from '../assets/media-event.ts';
import { emit } from '../events/emit.ts';
import type { Tx } from '../lib/context.ts';
import type { Failure } from '../lib/schema.ts';
import { releaseObjects } from '../storage/ledger.ts';
import { readSession } from './session-rows.ts';

/**
 * Records that an import or a finalization has failed for good: session and asset say why, in the transaction that ends the job. A refused object is
 * removed, and the row stays for its owner to see and delete. If not the file failed but something that it waited for, the object stays too and the
 * owner may retry. Returns the objects to remove after the commit.
 */
export async function failUpload(tx: Tx, input: { uploadId: string; jobId: string; attempts: number; error: JobError }): Promise<{ refused: string[] }> {
  const session = await readSession(tx, input.uploadId);
  if (session === undefined || (session.state !== 'finalizing' && session.state !== 'open')) return { refused: [] };
  const { code, message } = input.error;
  const retryable = input.error.retryable && session.state === 'finalizing';
  const failure: Failure = { stage: 'finalize', code, message, retryable, attempts: input.attempts };
  await tx
    .updateTable('upload_session')
    .set({ state: 'failed', failure: JSON.stringify(failure), updated_at: new Date() })
    .where('id', '=', session.id)
    .execute();
  await tx
    .updateTable('asset')
    .set((eb) => ({
      status: 'failed',
      failure: JSON.stringify(failure),
      version: eb('version', '+', 1),
      updated_at: new Date(),
      ...(retryable ? {} : { source_object_id: null }),
    }))
    .where('id', '=', session.asset_id)
    .execute();
  const refused = session.object_id === null || retryable ? [] : [session.object_id];
  if (refused.length > 0) await releaseObjects(tx, refused);
  await emit(tx, [mediaEvent({ ...session, id: session.asset_id }, 'upload_failed', { error: { code, message, retryable } }, input.jobId)]);
  return { refused };
}
