import { keyTaken } from '../key-taken.ts';
import type { StoredObject } from '../store.ts';

export type MemoryObject = { bytes: Buffer; contentType: string; sha256: string; modifiedAt: Date };
export type MemoryObjects = Map<string, MemoryObject>;

export function keep(objects: MemoryObjects, key: string, object: MemoryObject, ifAbsent = false): StoredObject {
  if (ifAbsent && objects.has(key)) throw keyTaken(key);
  objects.set(key, object);
  return describe(key, object);
}

export function describe(key: string, { bytes, contentType, sha256, modifiedAt }: MemoryObject): StoredObject {
  return { key, bytes: bytes.length, contentType, etag: `"${sha256.slice(0, 32)}"`, sha256, modifiedAt };
}
