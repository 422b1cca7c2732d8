import type { Accepted, Media, MediaList, MediaPatch, Replacement, SignedURL, SignedURLRequest } from '@safelight/contract/api';
import { request, send, type CallOptions, type Connection, type RequestInput } from './request.ts';

export type MediaQuery = NonNullable<RequestInput<'listMedia'>['query']>;

export type MediaResource = ReturnType<typeof mediaResource>;

/** The library: records that the caller may see. */
export function mediaResource(connection: Connection) {
  const list = (query: MediaQuery = {}, options: CallOptions = {}): Promise<MediaList> => request(connection, 'listMedia', { ...options, query });
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
    /** By the object path that its upload answered, or that its record tells its owner. */
    deletePath(path: string, options: CallOptions = {}) {
      const named = { ...options, params: { '*': path } };
      return request(connection, 'deleteMediaByPath', named);
    },
    restore: async (id: string, options: CallOptions = {}) => (await request(connection, 'restoreMedia', { ...options, params: { id } })).media,
    /** Another photo in its place: an upload that brought it, or pass `replaces` to `client.upload`. The live one stays until the new one may be shown. */
    replace: (id: string, replacement: Replacement, options: CallOptions = {}): Promise<Accepted> =>
      request(connection, 'replaceMedia', { ...options, params: { id }, body: replacement }),
    /** An address that opens one file for a while, to whoever has it. */
    signedURL: (id: string, wanted: SignedURLRequest = {}, options: CallOptions = {}): Promise<SignedURL> =>
      request(connection, 'signMediaURL', { ...options, params: { id }, body: wanted }),
    /** Tries a failed processing or review again. */
    retry: (id: string, options: CallOptions = {}) => request(connection, 'retryMedia', { ...options, params: { id } }),
    /** Makes the outputs of a ready picture anew, by the rules of today. For managers. */
    reprocess: (id: string, options: CallOptions = {}) => request(connection, 'reprocessMedia', { ...options, params: { id } }),
  };
}
