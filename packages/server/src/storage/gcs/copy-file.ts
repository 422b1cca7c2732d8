import { randomUUID } from 'node:crypto';
import { SafelightError } from '../../lib/errors.ts';
import type { CallOptions, StoredObject } from '../store.ts';
import { fileOf, request, type GcsBucket } from './gcs-bucket.ts';
import { isMissingObject, rethrowCondition } from './gcs-error.ts';
import { createOnly } from './put-file.ts';
import { describeFile, fileMetadata, putIdMetadata } from './read-file.ts';

export async function copyFile(
  bucket: GcsBucket,
  from: string,
  to: string,
  { signal, ifAbsent = false }: CallOptions & { ifAbsent?: boolean } = {},
): Promise<StoredObject> {
  const [sourceFile, target] = [fileOf(bucket, from), fileOf(bucket, to)];
  const nothing = (cause?: unknown): SafelightError => new SafelightError('not_found', 'The object to copy is not there.', { cause, context: { from } });
  const source = await fileMetadata(bucket, from, signal);
  if (source === null) throw nothing();
  const putId = ifAbsent ? randomUUID() : null;
  const metadata = { ...source.metadata, ...(putId !== null && { [putIdMetadata]: putId }) };
  return createOnly(bucket, to, putId, signal, async () => {
    await request(
      bucket,
      { signal, key: to, copied: Number(source.size ?? 0) },
      () =>
        sourceFile.copy(target, {
          metadata,
          ...(source.contentType !== undefined && { contentType: source.contentType }),
          ...(ifAbsent && { preconditionOpts: { ifGenerationMatch: 0 } }),
        }),
      (error) => {
        rethrowCondition(error);
        if (isMissingObject(error)) throw nothing(error);
        return undefined;
      },
    );
    const copied = await fileMetadata(bucket, to, signal);
    if (copied === null) throw new SafelightError('storage_unavailable', 'The provider copied an object but does not show it. Try again.', { context: { to } });
    return describeFile(to, copied);
  });
}
