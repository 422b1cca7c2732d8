import { runLimited } from '../run-limited.ts';
import { splitKeys } from '../split-keys.ts';
import type { CallOptions, DeleteResult } from '../store.ts';
import { fileOf, request, type GcsBucket } from './gcs-bucket.ts';
import { isMissingObject } from './gcs-error.ts';

const atOnce = 16;

/** One request a key: Google's client has no batches. */
export async function deleteFiles(bucket: GcsBucket, keys: readonly string[], { signal }: CallOptions = {}): Promise<DeleteResult> {
  const { batches, failed } = splitKeys(keys, keys.length);
  const deleted: string[] = [];
  let refusal: unknown = null;
  await runLimited(batches.flat(), atOnce, async (key) => {
    signal?.throwIfAborted();
    try {
      const file = fileOf(bucket, key);
      await request(
        bucket,
        { signal, key },
        async () => (await file.delete())[0],
        (error) => (isMissingObject(error) ? null : undefined),
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
