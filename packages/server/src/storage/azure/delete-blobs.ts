import { runLimited } from '../run-limited.ts';
import { splitKeys } from '../split-keys.ts';
import type { CallOptions, DeleteResult } from '../store.ts';
import { blobOf, request, type AzureContainer } from './azure-container.ts';
import { isMissingBlob } from './azure-error.ts';

const atOnce = 16;

/** One request a key: Azure's batches are no faster from one connection pool, and answer less precisely. */
export async function deleteBlobs(container: AzureContainer, keys: readonly string[], { signal }: CallOptions = {}): Promise<DeleteResult> {
  const { batches, failed } = splitKeys(keys, keys.length);
  const deleted: string[] = [];
  let refusal: unknown = null;
  await runLimited(batches.flat(), atOnce, async (key) => {
    signal?.throwIfAborted();
    try {
      const blob = blobOf(container, key);
      await request(
        container,
        { signal, key },
        async (abortSignal) => (await blob.delete({ abortSignal, deleteSnapshots: 'include' })).date ?? null,
        (error) => (isMissingBlob(error) ? null : undefined),
      );
      deleted.push(key);
    } catch (error) {
      if (signal?.aborted) throw error;
      refusal = error;
      failed.push({ key, reason: error instanceof Error ? error.message : String(error) });
    }
  });
  // When nothing at all could be done, it is the store that failed and not its objects.
  if (deleted.length === 0 && refusal !== null) throw refusal;
  return { deleted, failed };
}
