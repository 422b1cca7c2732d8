import type { FileMetadata } from '@google-cloud/storage';
import type { IncomingMessage } from 'node:http';
import { SafelightError } from '../../lib/errors.ts';
import { assertKey } from '../assert-key.ts';
import { guardBody } from '../guard-body.ts';
import type { CallOptions, GetOptions, StoredObject, StoredStream } from '../store.ts';
import { authorization, fileOf, request, type GcsBucket } from './gcs-bucket.ts';
import { gcsError, isMissingObject } from './gcs-error.ts';
import { openBody } from './open-body.ts';

/** Metadata of this adapter: the digest if it is known before the first byte, and the id of the conditional write. */
export const sha256Metadata = 'safelight-sha256';
export const putIdMetadata = 'safelight-put';

export async function getFile(bucket: GcsBucket, key: string, { range, signal }: GetOptions = {}): Promise<StoredStream | null> {
  assertKey(key);
  if (range !== undefined && (range.start < 0 || range.end < range.start)) {
    throw new SafelightError('invalid_request', `${range.start}–${range.end} is not a range.`);
  }
  const url = `${bucket.endpoint}/storage/v1/b/${encodeURIComponent(bucket.bucket)}/o/${encodeURIComponent(key)}?alt=media`;
  // Not the client's own stream: destroying that does not end its connection, and it does not report the answer before the first byte.
  const answer = await request(
    bucket,
    { signal, key },
    async (abortSignal): Promise<IncomingMessage | null> => {
      const headers = { ...(await authorization(bucket, url)), 'Accept-Encoding': 'identity', ...(range && { Range: `bytes=${range.start}-${range.end}` }) };
      return openBody(url, { headers, signal: abortSignal });
    },
    (error) => (isMissingObject(error) ? null : undefined),
  );
  if (answer === null) return null;
  const header = (name: string): string | undefined => answer.headers[name]?.toString();
  const length = Number(header('content-length') ?? header('x-goog-stored-content-length') ?? 0);
  const contentRange = header('content-range');
  const body = guardBody(answer, {
    signal,
    idleMs: bucket.idleMs,
    bytes: length,
    refusal: (cause) => gcsError(bucket, cause, { signal, key }),
  });
  return {
    key,
    bytes: contentRange === undefined ? length : Number(contentRange.slice(contentRange.lastIndexOf('/') + 1)),
    contentType: header('content-type') ?? null,
    etag: etagOf(header('x-goog-generation')),
    sha256: digestOf(header(`x-goog-meta-${sha256Metadata}`)),
    modifiedAt: new Date(header('last-modified') ?? 0),
    body,
  };
}

export async function headFile(bucket: GcsBucket, key: string, { signal }: CallOptions = {}): Promise<StoredObject | null> {
  const metadata = await fileMetadata(bucket, key, signal);
  return metadata === null ? null : describeFile(key, metadata);
}

export async function fileMetadata(bucket: GcsBucket, key: string, signal: AbortSignal | undefined): Promise<FileMetadata | null> {
  const file = fileOf(bucket, key);
  return request(
    bucket,
    { signal, key },
    async () => (await file.getMetadata())[0],
    (error): FileMetadata | null | undefined => (isMissingObject(error) ? null : undefined),
  );
}

export function describeFile(key: string, { size, contentType, generation, updated, metadata }: FileMetadata): StoredObject {
  return {
    key,
    bytes: Number(size ?? 0),
    contentType: contentType ?? null,
    etag: etagOf(generation),
    sha256: digestOf(metadata?.[sha256Metadata]),
    modifiedAt: new Date(updated ?? 0),
  };
}

/** Google's ETags differ between its APIs; the generation is the same in all and changes with the bytes. */
export const etagOf = (generation: string | number | undefined): string | null => (generation === undefined ? null : `"${generation}"`);

const digestOf = (value: unknown): string | null => (typeof value === 'string' && /^[0-9a-f]{64}$/.test(value) ? value : null);
