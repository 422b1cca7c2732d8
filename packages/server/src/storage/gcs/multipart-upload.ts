import { createHash, randomUUID } from 'node:crypto';
import { SafelightError } from '../../lib/errors.ts';
import { assertKey } from '../assert-key.ts';
import { collectPart } from '../collect-part.ts';
import { encodeKey } from '../encode-key.ts';
import type { Multipart, StoredObject, UploadedPart } from '../store.ts';
import { assertPartList, assertPartNumber, incompletePart, unknownUpload, type NamedPart } from '../upload-parts.ts';
import { maxParts, minPartBytes } from '../store-limits.ts';
import { authorization, request, type GcsBucket } from './gcs-bucket.ts';
import { reasonOf } from './gcs-error.ts';
import { presignPart } from './presign.ts';
import { describeFile, fileMetadata } from './read-file.ts';
import { sendBytes, type BytesRequest } from './send-bytes.ts';

/**
 * Metadata that names the upload that made an object, so that a repeated complete recognises its own. Our upload id combines this id and Google's.
 */
const uploadMetadata = 'safelight-upload';
const googlesId = (uploadId: string): string => uploadId.slice(uploadId.indexOf('.') + 1);

/** Multipart uploads of Google's XML API, for which its client has no public methods. They take no conditions. */
export function multipartUploads(bucket: GcsBucket): Multipart {
  return {
    create: async (key, { contentType, signal }) => {
      const own = randomUUID();
      const headers = { 'Content-Type': contentType, 'Content-Length': '0', [`x-goog-meta-${uploadMetadata}`]: own };
      const answer = await xml(bucket, key, { uploads: '' }, { method: 'POST', headers }, signal);
      const [uploadId] = values(answer, 'UploadId');
      if (uploadId === undefined) throw new SafelightError('storage_unavailable', 'The provider began a multipart upload without an id. Try again.');
      return `${own}.${uploadId}`;
    },
    signPart: (key, uploadId, part) => presignPart(bucket, key, googlesId(uploadId), part),
    putPart: async (key, uploadId, partNumber, body, options) => {
      assertPartNumber(partNumber, maxParts);
      const bytes = await collectPart(body, options);
      const headers = { 'Content-MD5': createHash('md5').update(bytes).digest('base64') };
      const query = { partNumber: String(partNumber), uploadId: googlesId(uploadId) };
      const answer = await known(key, uploadId, () => xmlAnswer(bucket, key, query, { method: 'PUT', headers, body: bytes }, options.signal));
      await answer.body?.cancel();
      return { partNumber, etag: answer.headers.get('etag') ?? '', bytes: bytes.length };
    },
    listParts: (key, uploadId, { signal } = {}) => listParts(bucket, key, uploadId, signal),
    complete: (key, uploadId, parts, { signal } = {}) => complete(bucket, key, uploadId, parts, signal),
    abort: (key, uploadId, { signal } = {}) => abort(bucket, key, uploadId, signal),
    abortAll: async (key, { signal } = {}) => {
      for (const uploadId of await uploadsOf(bucket, key, signal)) await abort(bucket, key, `.${uploadId}`, signal);
    },
  };
}

async function listParts(bucket: GcsBucket, key: string, uploadId: string, signal: AbortSignal | undefined): Promise<UploadedPart[] | null> {
  const parts: UploadedPart[] = [];
  let marker: string | undefined = '0';
  try {
    while (marker !== undefined) {
      const page: string = await xml(bucket, key, { uploadId: googlesId(uploadId), 'part-number-marker': marker }, { method: 'GET' }, signal);
      for (const part of values(page, 'Part')) {
        parts.push({ partNumber: Number(values(part, 'PartNumber')[0]), etag: values(part, 'ETag')[0] ?? '', bytes: Number(values(part, 'Size')[0]) });
      }
      marker = values(page, 'IsTruncated')[0] === 'true' ? values(page, 'NextPartNumberMarker')[0] : undefined;
    }
    return parts;
  } catch (error) {
    if (isUnknownUpload(error)) return null;
    throw error;
  }
}

async function complete(bucket: GcsBucket, key: string, uploadId: string, parts: readonly NamedPart[], signal: AbortSignal | undefined): Promise<StoredObject> {
  assertPartList(parts, maxParts);
  const named = parts.map(({ partNumber, etag }) => `<Part><PartNumber>${partNumber}</PartNumber><ETag>${escaped(etag)}</ETag></Part>`);
  const body = `<CompleteMultipartUpload>${named.join('')}</CompleteMultipartUpload>`;
  try {
    await xml(bucket, key, { uploadId: googlesId(uploadId) }, { method: 'POST', body }, signal);
  } catch (error) {
    // An earlier call has completed it, perhaps our own whose answer was lost: its result is checked below.
    if (!isUnknownUpload(error)) throw await wrongPart(bucket, key, uploadId, parts, error, signal);
  }
  const metadata = await fileMetadata(bucket, key, signal);
  if (metadata?.metadata?.[uploadMetadata] !== uploadId.slice(0, uploadId.indexOf('.'))) throw unknownUpload({ key, uploadId });
  return describeFile(key, metadata);
}

async function wrongPart(
  bucket: GcsBucket,
  key: string,
  uploadId: string,
  parts: readonly NamedPart[],
  cause: unknown,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  if (!['InvalidPart', 'EntityTooSmall', 'InvalidPartOrder'].includes(reasonOf(causeOf(cause)) ?? '')) return cause;
  const present = new Map((await listParts(bucket, key, uploadId, signal))?.map((part) => [part.partNumber, part]));
  const wrong = parts.find(({ partNumber, etag }) => unquoted(present.get(partNumber)?.etag ?? '') !== unquoted(etag));
  if (wrong !== undefined) return incompletePart(wrong.partNumber, cause);
  const small = parts.slice(0, -1).find(({ partNumber }) => (present.get(partNumber)?.bytes ?? 0) < minPartBytes);
  if (small === undefined) return cause;
  return new SafelightError(
    'upload_incomplete',
    `Part ${small.partNumber} is smaller than ${minPartBytes} bytes, which only the last part may be. Send it again, larger.`,
    {
      cause,
    },
  );
}

async function abort(bucket: GcsBucket, key: string, uploadId: string, signal: AbortSignal | undefined): Promise<void> {
  try {
    await xml(bucket, key, { uploadId: googlesId(uploadId) }, { method: 'DELETE' }, signal);
  } catch (error) {
    if (!isUnknownUpload(error)) throw error;
  }
}

/** The prefix also matches longer keys, and a key may have more than one page of uploads. */
async function uploadsOf(bucket: GcsBucket, key: string, signal: AbortSignal | undefined): Promise<string[]> {
  const uploadIds: string[] = [];
  let marker: Record<string, string> | null = {};
  while (marker !== null) {
    const page: string = await xml(bucket, null, { uploads: '', prefix: key, ...marker }, { method: 'GET' }, signal);
    for (const upload of values(page, 'Upload')) {
      const [uploadId] = values(upload, 'UploadId');
      if (values(upload, 'Key')[0] === key && uploadId !== undefined) uploadIds.push(uploadId);
    }
    const [nextKey, nextUploadId] = [values(page, 'NextKeyMarker')[0], values(page, 'NextUploadIdMarker')[0]];
    marker = values(page, 'IsTruncated')[0] === 'true' && nextKey === key ? { 'key-marker': key, 'upload-id-marker': nextUploadId ?? '' } : null;
  }
  return uploadIds;
}

async function known<T>(key: string, uploadId: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw isUnknownUpload(error) ? unknownUpload({ key, uploadId }, error) : error;
  }
}

const isUnknownUpload = (error: unknown): boolean => reasonOf(causeOf(error)) === 'NoSuchUpload';

/** Our refusals wrap the provider's error. */
const causeOf = (error: unknown): unknown => (error instanceof SafelightError ? error.cause : error);

type XmlRequest = Omit<BytesRequest, 'signal'>;

async function xml(bucket: GcsBucket, key: string | null, query: Record<string, string>, send: XmlRequest, signal: AbortSignal | undefined): Promise<string> {
  return (await xmlAnswer(bucket, key, query, send, signal)).text();
}

/** Uses the credentials of Google's client, which an emulator does not need. */
async function xmlAnswer(
  bucket: GcsBucket,
  key: string | null,
  query: Record<string, string>,
  { headers, ...send }: XmlRequest,
  signal: AbortSignal | undefined,
): Promise<Response> {
  if (key !== null) assertKey(key);
  const url = `${bucket.endpoint}/${bucket.bucket}${key === null ? '' : `/${encodeKey(key)}`}?${new URLSearchParams(query).toString()}`;
  const bytes = send.body?.length ?? 0;
  return request(bucket, { signal, bytes, ...(key !== null && { key }) }, async (abortSignal) => {
    return sendBytes(url, { ...send, headers: { ...(await authorization(bucket, url)), ...headers }, signal: abortSignal });
  });
}

/** The contents of every element of this name. Google's answers to these requests have no attributes, comments or CDATA. */
const values = (text: string, element: string): string[] =>
  [...text.matchAll(new RegExp(`<${element}>([\\s\\S]*?)</${element}>`, 'g'))].map(([, content = '']) =>
    content.includes('<') ? content : unescaped(content),
  );

const unescaped = (text: string): string =>
  text
    .replace(/&#(x?)([0-9a-f]+);/gi, (_, hex: string, code: string) => String.fromCodePoint(Number.parseInt(code, hex === '' ? 10 : 16)))
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
const unquoted = (etag: string): string => etag.replaceAll('"', '');
