import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { keyTaken } from '../key-taken.ts';
import { putInParts } from '../put-in-parts.ts';
import type { Body, PutOptions, StoredObject } from '../store.ts';
import { blobOf, request, type AzureContainer } from './azure-container.ts';
import { isConditionRefused, rethrowCondition } from './azure-error.ts';
import { blobProperties, describeBlob, putIdMetadata, sha256Metadata } from './read-blob.ts';

/** Azure's limit per blob. */
export const maxBlocks = 50_000;

/** Small bodies go in one request, long ones in blocks that a last request commits; either way an object appears whole or not at all. */
export async function putBlob(container: AzureContainer, key: string, body: Body, options: PutOptions): Promise<StoredObject> {
  const blob = blobOf(container, key);
  const { contentType, signal, ifAbsent = false } = options;
  const putId = randomUUID();
  const attributes = (
    sha256: string,
  ): { metadata: Record<string, string>; blobHTTPHeaders: { blobContentType: string }; conditions: { ifNoneMatch?: string } } => ({
    metadata: { [sha256Metadata]: sha256, ...(ifAbsent && { [putIdMetadata]: putId }) },
    blobHTTPHeaders: { blobContentType: contentType },
    conditions: ifAbsent ? { ifNoneMatch: '*' } : {},
  });
  const write = (bytes: number, sha256: string, upload: (abortSignal: AbortSignal) => Promise<{ etag?: string; lastModified?: Date }>): Promise<StoredObject> =>
    createOnly(container, key, ifAbsent ? putId : null, signal, async () => {
      const { etag, lastModified } = await request(container, { signal, key, bytes }, upload, rethrowCondition);
      return { key, bytes, contentType, etag: etag ?? null, sha256, modifiedAt: lastModified ?? new Date() };
    });
  return putInParts(body, options, {
    maxParts: maxBlocks,
    putWhole: (bytes, sha256) =>
      write(bytes.length, sha256, (abortSignal) =>
        blob.upload(bytes, bytes.length, { abortSignal, transactionalContentMD5: md5(bytes), ...attributes(sha256) }),
      ),
    begin: async () => {
      // An early check that saves sending the bytes; the commit has the real condition.
      if (ifAbsent && (await blobProperties(container, key, signal)) !== null) throw keyTaken(key);
      const upload = randomBytes(16).toString('hex');
      let parts = 0;
      return {
        putPart: async (partNumber, bytes) => {
          parts = Math.max(parts, partNumber);
          await stageBlock(container, key, blockId(upload, partNumber), bytes, signal);
        },
        complete: ({ bytes, sha256 }) => {
          const blocks = Array.from({ length: parts }, (_, index) => blockId(upload, index + 1));
          return write(bytes, sha256, (abortSignal) => blob.commitBlockList(blocks, { abortSignal, ...attributes(sha256) }));
        },
        // Uncommitted blocks are not an object; Azure drops them after a week.
        abort: async () => undefined,
      };
    },
  });
}

/** All block ids of a blob must have one length. */
export const blockId = (upload: string, partNumber: number): string => Buffer.from(`${upload}-${String(partNumber).padStart(5, '0')}`).toString('base64');

export async function stageBlock(container: AzureContainer, key: string, id: string, bytes: Buffer, signal: AbortSignal | undefined): Promise<void> {
  const blob = blobOf(container, key);
  await request(container, { signal, key, bytes: bytes.length }, (abortSignal) =>
    blob.stageBlock(id, bytes, bytes.length, { abortSignal, transactionalContentMD5: md5(bytes) }),
  );
}

/** A conditional write whose answer was lost is retried and then meets its own object: the id in the metadata tells whose it is. */
export async function createOnly(
  container: AzureContainer,
  key: string,
  putId: string | null,
  signal: AbortSignal | undefined,
  write: () => Promise<StoredObject>,
): Promise<StoredObject> {
  try {
    return await write();
  } catch (error) {
    if (putId === null || !isConditionRefused(error)) throw error;
    const present = await blobProperties(container, key, signal);
    if (present?.metadata?.[putIdMetadata] === putId) return describeBlob(key, present);
    throw keyTaken(key, error);
  }
}

/** Azure compares it with the received bytes and refuses others. */
const md5 = (bytes: Buffer): Uint8Array => createHash('md5').update(bytes).digest();
