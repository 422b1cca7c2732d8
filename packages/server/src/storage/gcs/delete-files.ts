import { deleteEach } from '../delete-each.ts';
import type { CallOptions, DeleteResult } from '../store.ts';
import { fileOf, request, type GcsBucket } from './gcs-bucket.ts';
import { isMissingObject } from './gcs-error.ts';

/** One request per key: Google's client has no batches. */
export function deleteFiles(bucket: GcsBucket, keys: readonly string[], { signal }: CallOptions = {}): Promise<DeleteResult> {
  return deleteEach(keys, signal, (key) => {
    const file = fileOf(bucket, key);
    return request(
      bucket,
      { signal, key },
      async () => (await file.delete())[0],
      (error) => (isMissingObject(error) ? null : undefined),
    );
  });
}
