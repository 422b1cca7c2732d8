import { SafelightError } from '../../lib/errors.ts';
import { assertKey } from '../assert-key.ts';
import { compareKeys } from '../compare-keys.ts';
import { measureBody, measuredChunks } from '../measure-body.ts';
import type { Body, Capabilities, GetOptions, ListOptions, ListPage, PutOptions, Store, StoredObject, StoredStream } from '../store.ts';
import { streamOf } from '../stream-of.ts';
import { withinObject } from '../within-object.ts';
import { maxParts } from '../store-limits.ts';
import { describe, keep, type MemoryObjects } from './memory-objects.ts';
import { memoryMultipart } from './memory-multipart.ts';

export type MockedStoreConfig = { provider: 'mocked'; location: string };

const capabilities: Capabilities = {
  presignedPut: 'served',
  presignedGet: false,
  presignedCacheControl: false,
  binds: { size: true, type: true, createOnly: true },
  conditionalCreate: true,
  multipart: { minPartBytes: 1, maxParts, equalParts: false, partsOnly: true },
  checksum: 'sha256',
  localPath: false,
  listOrder: 'bytes',
  keepsContentType: true,
};

/** Objects in this process's memory. Its provider is `mocked`, and everything is gone when the process ends. */
export function openMemoryStore({ location }: MockedStoreConfig): Store {
  const objects: MemoryObjects = new Map();
  return {
    provider: 'mocked',
    location,
    capabilities,
    put: (key, body, options) => putObject(objects, key, body, options),
    get: async (key, options) => getObject(objects, key, options),
    head: async (key, { signal } = {}) => {
      signal?.throwIfAborted();
      assertKey(key);
      const object = objects.get(key);
      return object === undefined ? null : describe(key, object);
    },
    delete: async (keys, { signal } = {}) => deleteObjects(objects, keys, signal),
    list: async (options) => listObjects(objects, options),
    copy: async (from, to, options = {}) => copyObject(objects, from, to, options),
    check: async ({ signal } = {}) => signal?.throwIfAborted(),
    close: async () => objects.clear(),
    multipart: memoryMultipart(objects),
  };
}

async function putObject(objects: MemoryObjects, key: string, body: Body, options: PutOptions): Promise<StoredObject> {
  assertKey(key);
  const measure = measureBody(options);
  const chunks: Buffer[] = [];
  for await (const chunk of measuredChunks(body, measure, options.signal)) chunks.push(chunk);
  const { sha256, crc32 } = measure.finish();
  // `concat` copies, so later changes to the caller's buffer do not change the object.
  const object = { bytes: Buffer.concat(chunks), contentType: options.contentType, sha256, modifiedAt: new Date() };
  return { ...keep(objects, key, object, options.ifAbsent), crc32 };
}

function getObject(objects: MemoryObjects, key: string, { range, signal }: GetOptions = {}): StoredStream | null {
  signal?.throwIfAborted();
  assertKey(key);
  const object = objects.get(key);
  if (object === undefined) return null;
  const { start, end } = withinObject(range, object.bytes.length);
  // A copy, so that a reader that writes into its chunk does not change the object.
  const body = streamOf(Buffer.from(object.bytes.subarray(start, end + 1)), signal);
  return { ...describe(key, object), body };
}

function deleteObjects(objects: MemoryObjects, keys: readonly string[], signal: AbortSignal | undefined): Awaited<ReturnType<Store['delete']>> {
  signal?.throwIfAborted();
  const result: Awaited<ReturnType<Store['delete']>> = { deleted: [], failed: [] };
  for (const key of keys) {
    try {
      assertKey(key);
      objects.delete(key);
      result.deleted.push(key);
    } catch (error) {
      result.failed.push({ key, reason: error instanceof Error ? error.message : String(error) });
    }
  }
  return result;
}

function listObjects(objects: MemoryObjects, { prefix = '', cursor = '', limit = 1_000, signal }: ListOptions): ListPage {
  signal?.throwIfAborted();
  const keys = [...objects.keys()].filter((key) => key.startsWith(prefix) && (cursor === '' || compareKeys(key, cursor) > 0)).sort(compareKeys);
  const page = keys.slice(0, limit).flatMap((key) => {
    const object = objects.get(key);
    return object === undefined ? [] : [describe(key, object)];
  });
  return { objects: page, cursor: keys.length > limit ? (page.at(-1)?.key ?? null) : null };
}

function copyObject(objects: MemoryObjects, from: string, to: string, { signal, ifAbsent }: { signal?: AbortSignal; ifAbsent?: boolean }): StoredObject {
  signal?.throwIfAborted();
  assertKey(to);
  const source = objects.get(from);
  if (source === undefined) throw new SafelightError('not_found', 'The object to copy is not there.', { context: { from } });
  return keep(objects, to, { ...source, modifiedAt: new Date() }, ifAbsent);
}
