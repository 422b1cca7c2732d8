import type { ListOptions, ListPage } from '../store.ts';
import { request, type AzureContainer } from './azure-container.ts';

const mostPerPage = 5_000;

/** The cursor is Azure's own marker. */
export async function listBlobs(container: AzureContainer, { prefix, cursor, limit = 1_000, signal }: ListOptions): Promise<ListPage> {
  return request(container, { signal }, async (abortSignal) => {
    const pages = container.client
      .listBlobsFlat({ abortSignal, ...(prefix && { prefix }) })
      .byPage({ maxPageSize: Math.min(limit, mostPerPage), ...(cursor && { continuationToken: cursor }) });
    const step = await pages.next();
    if (step.done) return { objects: [], cursor: null };
    const page = step.value;
    const objects = page.segment.blobItems.map(({ name, properties: { contentLength, lastModified, etag } }) => ({
      key: name,
      bytes: contentLength ?? 0,
      modifiedAt: lastModified,
      etag: quoted(etag),
    }));
    return { objects, cursor: page.continuationToken || null };
  });
}

/** A listing has the bare ETag, while all other answers quote it. */
const quoted = (etag: string): string => (etag.startsWith('"') ? etag : `"${etag}"`);
