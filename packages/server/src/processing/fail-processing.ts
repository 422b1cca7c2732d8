import type { JobError } from '@safelight/contract/jobs';

import { mediaEvent } from '../assets/media-event.ts';
import { emit } from '../events/emit.ts';
import type { Tx } from '../lib/context.ts';
import type { Failure } from '../lib/schema.ts';
import { releaseObjects } from '../storage/ledger.ts';

/**
 * Records that processing has failed for good, in the transaction that ends the job. The source stays, for a retry or for deletion; only malware is
 * not kept. Outputs made so far are given up. Returns the objects to remove.
 */
export async function failProcessing(tx: Tx, input: { assetId: string; jobId: string; attempts: number; error: JobError }): Promise<string[]> {
  const { code, message, retryable } = input.error;
  const failure: Failure = { stage: 'process', code, message, retryable, attempts: input.attempts };
  const row = await tx
    .updateTable('asset')
    .set((eb) => ({ status: 'failed', failure: JSON.stringify(failure), stages: null, version: eb('version', '+', 1), updated_at: new Date() }))
    .where('id', '=', input.assetId)
    .where('status', 'in', ['pending', 'processing'])
    .returning(['id', 'owner_id', 'collection', 'entity_type', 'entity_id', 'source_object_id'])
    .executeTakeFirst();
  if (row === undefined) return [];
  const made = await tx.selectFrom('object').select('id').where('asset_id', '=', row.id).where('id', 'is distinct from', row.source_object_id).execute();
  const going = made.map(({ id }) => id);
  if (going.length > 0) await releaseObjects(tx, going);
  if (code === 'malware_found' && row.source_object_id !== null) {
    await tx.updateTable('asset').set({ source_object_id: null }).where('id', '=', row.id).execute();
    await releaseObjects(tx, [row.source_object_id]);
    going.push(row.source_object_id);
  }
  await emit(tx, [mediaEvent(row, 'processing_failed', { error: { code, message, retryable } }, input.jobId)]);
  return going;
}
