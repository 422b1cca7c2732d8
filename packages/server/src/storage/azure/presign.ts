import { BlobSASPermissions, generateBlobSASQueryParameters, SASProtocol } from '@azure/storage-blob';
import type { PresignedRequest, PresignGetOptions, PresignPutOptions } from '../store.ts';
import { blobOf, type AzureContainer } from './azure-container.ts';
import { storageAway } from '../storage-away.ts';

/** The permission is to create, not to write, so it cannot change an existing blob. Azure does not sign size or type. */
export async function presignPut(container: AzureContainer, key: string, { contentType, expiresInSeconds }: PresignPutOptions): Promise<PresignedRequest> {
  const headers = { 'x-ms-blob-type': 'BlockBlob', 'x-ms-blob-content-type': contentType, 'Content-Type': contentType };
  const expiresAt = expiry(expiresInSeconds);
  return { method: 'PUT', url: sign(container, key, { permissions: 'c', expiresAt }).href, headers, expiresAt };
}

/**
 * Azure requires the write permission here, and its signatures do not cover the rest of the query: the URL of a block also accepts a whole blob. The
 * store declares this with `partsOnly`.
 */
export async function presignBlock(container: AzureContainer, key: string, blockId: string, expiresInSeconds: number): Promise<PresignedRequest> {
  const expiresAt = expiry(expiresInSeconds);
  const url = sign(container, key, { permissions: 'w', expiresAt });
  url.searchParams.set('comp', 'block');
  url.searchParams.set('blockid', blockId);
  return { method: 'PUT', url: url.href, headers: {}, expiresAt };
}

export async function presignGet(container: AzureContainer, key: string, options: PresignGetOptions): Promise<string> {
  const { contentType, contentDisposition, cacheControl, expiresInSeconds } = options;
  return sign(container, key, {
    permissions: 'r',
    expiresAt: expiry(expiresInSeconds),
    ...(contentType !== undefined && { contentType }),
    ...(contentDisposition !== undefined && { contentDisposition }),
    ...(cacheControl !== undefined && { cacheControl }),
  }).href;
}

/** A signed request may be used until the last second of its time. */
const expiry = (expiresInSeconds: number): Date => new Date(Math.ceil(Date.now() / 1_000 + expiresInSeconds) * 1_000);

type Grant = { permissions: 'c' | 'w' | 'r'; expiresAt: Date; contentType?: string; contentDisposition?: string; cacheControl?: string };

function sign(container: AzureContainer, key: string, { permissions, expiresAt, ...headers }: Grant): URL {
  const url = new URL(blobOf(container, key).url);
  if (container.signer === null) {
    throw storageAway('The connection string of this store has no account key, without which no URL can be signed. Use one that has.');
  }
  const query = generateBlobSASQueryParameters(
    {
      containerName: container.container,
      blobName: key,
      permissions: BlobSASPermissions.parse(permissions),
      expiresOn: expiresAt,
      protocol: url.protocol === 'https:' ? SASProtocol.Https : SASProtocol.HttpsAndHttp,
      ...headers,
    },
    container.signer,
  );
  url.search = query.toString();
  return url;
}
