import type { Tx } from '../lib/context.ts';

/** The uploads of a purged asset stay in the statistics, but not what people called it and said about it. Returns the jobs that they belong to. */
export async function clearNamesOf(tx: Tx, assetId: string): Promise<{ jobIds: string[] }> {
  const cleared = await tx
    .updateTable('upload_session')
    .set({ file_name: '', alt_text: null, metadata: null })
    .where('asset_id', '=', assetId)
    .returning('job_id')
    .execute();
  return { jobIds: cleared.flatMap(({ job_id }) => job_id ?? []) };
}
