import type { Tx } from '../lib/context.ts';

/** The uploads of a purged asset stay in the statistics, but not what people called it and said about it. */
export async function clearNamesOf(tx: Tx, assetId: string): Promise<void> {
  await tx.updateTable('upload_session').set({ file_name: '', alt_text: null, metadata: null }).where('asset_id', '=', assetId).execute();
}
