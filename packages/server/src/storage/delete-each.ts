import { runLimited } from './run-limited.ts';
import { splitKeys } from './split-keys.ts';
import type { DeleteResult } from './store.ts';

const atOnce = 16;

/**
 * Deletes one key per request, for providers without batches. If nothing at all could be deleted, the store itself has failed, and the error is
 * thrown.
 */
export async function deleteEach(
  keys: readonly string[],
  signal: AbortSignal | undefined,
  deleteOne: (key: string) => Promise<unknown>,
): Promise<DeleteResult> {
  const { batches, failed } = splitKeys(keys, keys.length);
  const deleted: string[] = [];
  const refusals: Error[] = [];
  await runLimited(batches.flat(), atOnce, async (key) => {
    signal?.throwIfAborted();
    try {
      await deleteOne(key);
      deleted.push(key);
    } catch (error) {
      if (signal?.aborted) throw error;
      const refusal = error instanceof Error ? error : new Error(String(error));
      refusals.push(refusal);
      failed.push({ key, reason: refusal.message });
    }
  });
  const [refusal] = refusals;
  if (deleted.length === 0 && refusal !== undefined) throw refusal;
  return { deleted, failed };
}
