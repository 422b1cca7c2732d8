import { deleteEach } from '../delete-each.ts';
import type { CallOptions, DeleteResult } from '../store.ts';
import { blobOf, request, type AzureContainer } from './azure-container.ts';
import { isMissingBlob } from './azure-error.ts';

/** One request per key: Azure's batches are no faster over one connection pool, and report errors less precisely. */
export function deleteBlobs(container: AzureContainer, keys: readonly string[], { signal }: CallOptions = {}): Promise<DeleteResult> {
  return deleteEach(keys, signal, (key) => {
    const blob = blobOf(container, key);
    return request(
      container,
      { signal, key },
      async (abortSignal) => (await blob.delete({ abortSignal, deleteSnapshots: 'include' })).date ?? null,
      (error) => (isMissingBlob(error) ? null : undefined),
    );
  });
}
