import { createHash, randomUUID } from 'node:crypto';
import { assertKey } from '../assert-key.ts';
import { measureBody, measuredChunks } from '../measure-body.ts';
import type { Multipart, StoredObject } from '../store.ts';
import { assertPartList, assertPartNumber, incompletePart, unknownUpload, type NamedPart } from '../upload-parts.ts';
import { maxParts } from '../store-limits.ts';
import { keep, type MemoryObjects } from './memory-objects.ts';

type Upload = { key: string; contentType: string; parts: Map<number, { etag: string; bytes: Buffer }>; completed: StoredObject | null };

/** Completed uploads are remembered without their parts, so that a repeated complete returns what the first one made. */
export function memoryMultipart(objects: MemoryObjects): Multipart {
  const uploads = new Map<string, Upload>();
  const find = (key: string, uploadId: string): Upload | null => {
    const upload = uploads.get(uploadId);
    return upload?.key === key ? upload : null;
  };
  return {
    create: async (key, { contentType, signal }) => {
      signal?.throwIfAborted();
      assertKey(key);
      const uploadId = randomUUID();
      uploads.set(uploadId, { key, contentType, parts: new Map(), completed: null });
      return uploadId;
    },
    putPart: async (key, uploadId, partNumber, body, options) => {
      assertPartNumber(partNumber, maxParts);
      const measure = measureBody(options);
      const chunks: Buffer[] = [];
      for await (const chunk of measuredChunks(body, measure, options.signal)) chunks.push(chunk);
      const { bytes, sha256 } = measure.finish();
      const upload = find(key, uploadId);
      if (upload === null || upload.completed !== null) throw unknownUpload({ key, uploadId });
      upload.parts.set(partNumber, { etag: sha256, bytes: Buffer.concat(chunks) });
      return { partNumber, etag: sha256, bytes };
    },
    listParts: async (key, uploadId, { signal } = {}) => {
      signal?.throwIfAborted();
      const upload = find(key, uploadId);
      if (upload === null || upload.completed !== null) return null;
      return [...upload.parts].sort(([a], [b]) => a - b).map(([partNumber, { etag, bytes }]) => ({ partNumber, etag, bytes: bytes.length }));
    },
    complete: async (key, uploadId, parts, { signal } = {}) => {
      signal?.throwIfAborted();
      const upload = find(key, uploadId);
      if (upload === null) throw unknownUpload({ key, uploadId });
      return (upload.completed ??= join(objects, upload, parts));
    },
    abort: async (key, uploadId, { signal } = {}) => {
      signal?.throwIfAborted();
      if (find(key, uploadId)?.completed === null) uploads.delete(uploadId);
    },
    abortAll: async (key, { signal } = {}) => {
      signal?.throwIfAborted();
      for (const [uploadId, upload] of uploads) if (upload.key === key && upload.completed === null) uploads.delete(uploadId);
    },
  };
}

function join(objects: MemoryObjects, upload: Upload, parts: readonly NamedPart[]): StoredObject {
  assertPartList(parts, maxParts);
  const bytes = Buffer.concat(
    parts.map(({ partNumber, etag }) => {
      const part = upload.parts.get(partNumber);
      if (part?.etag !== etag) throw incompletePart(partNumber);
      return part.bytes;
    }),
  );
  upload.parts.clear();
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return keep(objects, upload.key, { bytes, contentType: upload.contentType, sha256, modifiedAt: new Date() });
}
