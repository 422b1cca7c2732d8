import type { Media } from '@safelight/contract/media';

import { request, send, type CallOptions, type Connection, type RequestInput } from './request.ts';

export type MediaQuery = NonNullable<RequestInput<'listMedia'>['query']>;
export type MediaPatch = NonNullable<RequestInput<'patchMedia'>['body']>;

/** The library: records that the caller may see. */
export function mediaResource(connection: Connection) {
  const list = (query: MediaQuery = {}, options: CallOptions = {}) => request(connection, 'listMedia', { ...options, query });
  return {
    /** One page, newest first; pass `nextCursor` as `cursor` for the next one. */
    list,
    /** Every record of the query, page by page as they are consumed. */
    async *all(query: MediaQuery = {}, options: CallOptions = {}): AsyncGenerator<Media, void, void> {
      let cursor: string | null | undefined = query.cursor;
      do {
        const page = await list({ ...query, ...(cursor ? { cursor } : {}) }, options);
        yield* page.media;
        cursor = page.nextCursor;
      } while (cursor !== null);
    },
    read: async (id: string, options: CallOptions = {}) => (await request(connection, 'readMedia', { ...options, params: { id } })).media,
    /** The record and its `ETag`, which a following change takes as `ifMatch`. */
    async readWithEtag(id: string, options: CallOptions = {}): Promise<{ media: Media; etag: string | null }> {
      const { body, headers } = await send(connection, 'readMedia', { ...options, params: { id } });
      return { media: body.media, etag: headers.get('etag') };
    },
    patch: async (id: string, patch: MediaPatch, options: CallOptions = {}) =>
      (await request(connection, 'patchMedia', { ...options, params: { id }, body: patch })).media,
    /** Hides at once; `restore` takes it back until `undoUntil`. */
    delete: (id: string, options: CallOptions = {}) => request(connection, 'deleteMedia', { ...options, params: { id } }),
    restore: async (id: string, options: CallOptions = {}) => (await request(connection, 'restoreMedia', { ...options, params: { id } })).media,
    /** Tries a failed processing or review again. */
    retry: (id: string, options: CallOptions = {}) => request(connection, 'retryMedia', { ...options, params: { id } }),
  };
}
