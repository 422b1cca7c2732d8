import { createHash, randomBytes } from 'node:crypto';
import { collectPart } from '../collect-part.ts';
import type { Multipart, StoredObject, UploadedPart } from '../store.ts';
import { assertPartList, assertPartNumber, incompletePart, unknownUpload, type NamedPart } from '../upload-parts.ts';
import { blobOf, request, type AzureContainer } from './azure-container.ts';
import { azureCode, isMissingBlob } from './azure-error.ts';
import { presignBlock } from './presign.ts';
import { blockId, maxBlocks, stageBlock } from './put-blob.ts';
import { blobProperties, describeBlob } from './read-blob.ts';

export const maxParts = maxBlocks - 1;

/** Metadata that names the upload that made a blob, so that a repeated complete recognises its own. */
const uploadMetadata = 'safelightupload';

/**
 * Azure has uncommitted blocks of a blob but no uploads. So an upload is a prefix of block ids, and block 0 holds its state: one byte while it is
 * open, two once it was aborted; committing drops it with all others. The upload id carries the content type, which only the commit can set, and a
 * digest of the key, so that it works for its own key only.
 *
 * Blocks of an aborted upload cannot be removed one by one; Azure drops them a week after the last one arrived.
 */
export function blockUploads(container: AzureContainer): Multipart {
  return {
    create: async (key, { contentType, signal }) => {
      const upload = randomBytes(16).toString('hex');
      await stageBlock(container, key, blockId(upload, 0), openMark, signal);
      return `${upload}.${digestOf(key)}.${Buffer.from(contentType).toString('base64url')}`;
    },
    ...(container.signer !== null && {
      signPart: async (key: string, uploadId: string, part: { partNumber: number; expiresInSeconds: number }) => {
        assertPartNumber(part.partNumber, maxParts);
        return presignBlock(container, key, blockId(parse(key, uploadId).upload, part.partNumber), part.expiresInSeconds);
      },
    }),
    putPart: async (key, uploadId, partNumber, body, options) => {
      assertPartNumber(partNumber, maxParts);
      const bytes = await collectPart(body, options);
      if ((await partsOf(container, key, uploadId, options.signal)) === null) throw unknownUpload({ key, uploadId });
      const id = blockId(parse(key, uploadId).upload, partNumber);
      await stageBlock(container, key, id, bytes, options.signal);
      return { partNumber, etag: etagOf(id, bytes.length), bytes: bytes.length };
    },
    listParts: (key, uploadId, { signal } = {}) => partsOf(container, key, uploadId, signal),
    complete: (key, uploadId, parts, { signal } = {}) => complete(container, key, uploadId, parts, signal),
    abort: async (key, uploadId, { signal } = {}) => {
      if ((await partsOf(container, key, uploadId, signal)) === null) return;
      await stageBlock(container, key, blockId(parse(key, uploadId).upload, 0), abortMark, signal);
    },
    abortAll: async (key, { signal } = {}) => {
      for (const { name, size } of await uncommittedBlocks(container, key, signal)) {
        const { partNumber } = blockOf(name);
        if (partNumber === 0 && size === openMark.length) await stageBlock(container, key, name, abortMark, signal);
      }
    },
  };
}

const openMark = Buffer.from('1');
const abortMark = Buffer.from('11');

async function complete(
  container: AzureContainer,
  key: string,
  uploadId: string,
  parts: readonly NamedPart[],
  signal: AbortSignal | undefined,
): Promise<StoredObject> {
  assertPartList(parts, maxParts);
  const { upload, contentType } = parse(key, uploadId);
  const present = await partsOf(container, key, uploadId, signal);
  if (present !== null) {
    const etags = new Map(present.map((part) => [part.partNumber, part.etag]));
    for (const { partNumber, etag } of parts) if (etags.get(partNumber) !== etag) throw incompletePart(partNumber);
    const blocks = parts.map(({ partNumber }) => blockId(upload, partNumber));
    const blob = blobOf(container, key);
    await request(
      container,
      { signal, key },
      async (abortSignal): Promise<'committed' | 'gone'> => {
        const metadata = { [uploadMetadata]: upload };
        await blob.commitBlockList(blocks, { abortSignal, blobHTTPHeaders: { blobContentType: contentType }, metadata });
        return 'committed';
      },
      // Another call has committed these blocks since the list was read. Whose object it is shows below.
      (error) => (azureCode(error) === 'InvalidBlockList' ? 'gone' : undefined),
    );
  }
  const properties = await blobProperties(container, key, signal);
  if (properties?.metadata?.[uploadMetadata] !== upload) throw unknownUpload({ key, uploadId });
  return describeBlob(key, properties);
}

async function partsOf(container: AzureContainer, key: string, uploadId: string, signal: AbortSignal | undefined): Promise<UploadedPart[] | null> {
  const { upload, ofThisKey } = parse(key, uploadId);
  if (!ofThisKey) return null;
  const blocks = await uncommittedBlocks(container, key, signal);
  const own = blocks.map(({ name, size }) => ({ name, size, ...blockOf(name) })).filter((block) => block.upload === upload);
  if (own.find(({ partNumber }) => partNumber === 0)?.size !== openMark.length) return null;
  return own
    .filter(({ partNumber }) => partNumber > 0)
    .sort((a, b) => a.partNumber - b.partNumber)
    .map(({ name, partNumber, size }) => ({ partNumber, etag: etagOf(name, size), bytes: size }));
}

async function uncommittedBlocks(container: AzureContainer, key: string, signal: AbortSignal | undefined): Promise<{ name: string; size: number }[]> {
  const blob = blobOf(container, key);
  return request(
    container,
    { signal, key },
    async (abortSignal) => (await blob.getBlockList('uncommitted', { abortSignal })).uncommittedBlocks ?? [],
    (error) => (isMissingBlob(error) ? [] : undefined),
  );
}

/** Blocks have no ETag; a part that was sent again with another size is another part. */
const etagOf = (id: string, bytes: number): string => `${id}-${bytes}`;

function blockOf(name: string): { upload: string; partNumber: number } {
  const [upload = '', partNumber = ''] = Buffer.from(name, 'base64').toString().split('-');
  return { upload, partNumber: Number(partNumber) };
}

function parse(key: string, uploadId: string): { upload: string; contentType: string; ofThisKey: boolean } {
  const [upload = '', digest = '', contentType = ''] = uploadId.split('.');
  const ofThisKey = /^[0-9a-f]{32}$/.test(upload) && digest === digestOf(key);
  return { upload, contentType: Buffer.from(contentType, 'base64url').toString(), ofThisKey };
}

const digestOf = (key: string): string => createHash('sha256').update(key).digest('hex').slice(0, 32);
