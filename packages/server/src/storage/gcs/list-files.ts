import type { FileMetadata } from '@google-cloud/storage';
import type { ListOptions, ListPage } from '../store.ts';
import { mostPerPage } from '../store-limits.ts';
import { request, type GcsBucket } from './gcs-bucket.ts';
import { etagOf } from './read-file.ts';

/** The cursor is Google's own page token. */
export async function listFiles(bucket: GcsBucket, { prefix, cursor, limit = mostPerPage, signal }: ListOptions): Promise<ListPage> {
  return request(bucket, { signal }, async () => {
    const [, next, answer] = await bucket.client.getFiles({
      autoPaginate: false,
      maxResults: Math.min(limit, mostPerPage),
      fields: 'nextPageToken,items(name,size,updated,generation)',
      ...(prefix && { prefix }),
      ...(cursor && { pageToken: cursor }),
    });
    const objects = itemsOf(answer).map(({ name = '', size, updated, generation }) => ({
      key: name,
      bytes: Number(size ?? 0),
      modifiedAt: new Date(updated ?? 0),
      etag: etagOf(generation),
    }));
    return { objects, cursor: tokenOf(next) };
  });
}

/** The raw answer: when only some fields are requested, the client does not create file objects. */
const itemsOf = (answer: unknown): FileMetadata[] => (hasItems(answer) ? answer.items : []);
const hasItems = (answer: unknown): answer is { items: FileMetadata[] } =>
  typeof answer === 'object' && answer !== null && 'items' in answer && Array.isArray(answer.items);

/** The client returns the query for the next page, if there is one. */
const tokenOf = (next: object | null | undefined): string | null =>
  typeof next === 'object' && next !== null && 'pageToken' in next && typeof next.pageToken === 'string' ? next.pageToken : null;
