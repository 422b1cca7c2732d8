import { randomUUID } from 'node:crypto';
import { SafelightError } from '../../lib/errors.ts';
import type { CallOptions, StoredObject } from '../store.ts';
import { blobOf, request, type AzureContainer } from './azure-container.ts';
import { rethrowCondition } from './azure-error.ts';
import { createOnly } from './put-blob.ts';
import { blobProperties, describeBlob, putIdMetadata } from './read-blob.ts';

const pollMs = 500;

export async function copyBlob(
  container: AzureContainer,
  from: string,
  to: string,
  { signal, ifAbsent = false }: CallOptions & { ifAbsent?: boolean } = {},
): Promise<StoredObject> {
  const target = blobOf(container, to);
  const source = await blobProperties(container, from, signal);
  if (source === null) throw new SafelightError('not_found', 'The object to copy is not there.', { context: { from } });
  const putId = randomUUID();
  return createOnly(container, to, ifAbsent ? putId : null, signal, async () => {
    await request(
      container,
      { signal, key: to, copied: source.contentLength ?? 0 },
      async (abortSignal) => {
        const copying = await target.beginCopyFromURL(blobOf(container, from).url, {
          abortSignal,
          intervalInMs: pollMs,
          metadata: { ...source.metadata, [putIdMetadata]: putId },
          conditions: ifAbsent ? { ifNoneMatch: '*' } : {},
        });
        const { copyStatus, copyId } = await copying.pollUntilDone();
        if (copyStatus !== 'success') throw new Error(`The copy ${copyId ?? ''} ended as ${copyStatus ?? 'unknown'}.`);
      },
      rethrowCondition,
    );
    const copied = await blobProperties(container, to, signal);
    if (copied === null) throw new SafelightError('storage_unavailable', 'The provider copied an object but does not show it. Try again.', { context: { to } });
    return describeBlob(to, copied);
  });
}
