import type { BlobGetPropertiesResponse } from '@azure/storage-blob';
import { Readable } from 'node:stream';
import { SafelightError } from '../../lib/errors.ts';
import { guardBody } from '../guard-body.ts';
import type { CallOptions, GetOptions, StoredObject, StoredStream } from '../store.ts';
import { withinObject } from '../within-object.ts';
import { blobOf, request, type AzureContainer } from './azure-container.ts';
import { azureError, isMissingBlob } from './azure-error.ts';

/** Metadata of this adapter (names must be identifiers): the digest, the id of the conditional write and of the multipart upload. */
export const sha256Metadata = 'safelightsha256';
export const putIdMetadata = 'safelightput';

export async function getBlob(container: AzureContainer, key: string, { range, signal }: GetOptions = {}): Promise<StoredStream | null> {
  const blob = blobOf(container, key);
  if (range !== undefined && (range.start < 0 || range.end < range.start)) {
    throw new SafelightError('invalid_request', `${range.start}–${range.end} is not a range.`);
  }
  const count = range === undefined ? undefined : range.end - range.start + 1;
  const answer = await request(
    container,
    { signal, key },
    // No retries inside the body: the rest could come from a newer object.
    (abortSignal) => blob.download(range?.start ?? 0, count, { abortSignal, maxRetryRequests: 0 }),
    (error) => (isMissingBlob(error) ? null : undefined),
  );
  if (answer === null) return null;
  if (!(answer.readableStreamBody instanceof Readable))
    throw azureError(container, new Error('The SDK answered with a body that is not a Node stream.'), { key });
  const length = answer.contentLength ?? 0;
  const { contentRange } = answer;
  const bytes = contentRange === undefined ? length : Number(contentRange.slice(contentRange.lastIndexOf('/') + 1));
  if (range !== undefined && range.start >= bytes) {
    answer.readableStreamBody.destroy();
    withinObject(range, bytes);
  }
  const body = guardBody(answer.readableStreamBody, {
    signal,
    idleMs: container.idleMs,
    bytes: length,
    refusal: (cause) => azureError(container, cause, { signal, key }),
  });
  return { ...describeBlob(key, answer), bytes, body };
}

export async function headBlob(container: AzureContainer, key: string, options: CallOptions = {}): Promise<StoredObject | null> {
  const properties = await blobProperties(container, key, options.signal);
  return properties === null ? null : describeBlob(key, properties);
}

export async function blobProperties(container: AzureContainer, key: string, signal: AbortSignal | undefined): Promise<BlobGetPropertiesResponse | null> {
  const blob = blobOf(container, key);
  return request(
    container,
    { signal, key },
    (abortSignal): Promise<BlobGetPropertiesResponse | null> => blob.getProperties({ abortSignal }),
    (error) => (isMissingBlob(error) ? null : undefined),
  );
}

type Described = Pick<BlobGetPropertiesResponse, 'contentLength' | 'contentType' | 'etag' | 'lastModified' | 'metadata'>;

export function describeBlob(key: string, { contentLength, contentType, etag, lastModified, metadata }: Described): StoredObject {
  const sha256 = metadata?.[sha256Metadata];
  return {
    key,
    bytes: contentLength ?? 0,
    contentType: contentType ?? null,
    etag: etag ?? null,
    sha256: sha256 !== undefined && /^[0-9a-f]{64}$/.test(sha256) ? sha256 : null,
    modifiedAt: lastModified ?? new Date(0),
  };
}
