import type { Accepted, Media, MediaList, MediaPatch, Replacement, SignedURL, SignedURLRequest } from '@safelight/contract/api';
import { request, send, type CallOptions, type Connection, type RequestInput } from './request.ts';

export type MediaQuery = NonNullable<RequestInput<'listMedia'>['query']>;
export type Deleted = { media: Media; undoUntil: string };

/** The library: records that the caller may see. */
export interface MediaResource {
  /** One page, newest first; pass `nextCursor` as `cursor` for the next one. */
  list: (query?: MediaQuery, options?: CallOptions) => Promise<MediaList>;
  /** Every record of the query, page by page as they are consumed. */
  all: (query?: MediaQuery, options?: CallOptions) => AsyncGenerator<Media, void, void>;
  read: (id: string, options?: CallOptions) => Promise<Media>;
  /** The record and its `ETag`, which a following change takes as `ifMatch`. */
  readWithEtag: (id: string, options?: CallOptions) => Promise<{ media: Media; etag: string | null }>;
  /** Changes alt text, purpose, order or focal point. */
  patch: (id: string, patch: MediaPatch, options?: CallOptions) => Promise<Media>;
  /** Hides at once; `restore` takes it back until `undoUntil`. */
  delete: (id: string, options?: CallOptions) => Promise<Deleted>;
  /** By the object path that its upload answered, or that its record tells its owner. */
  deletePath: (path: string, options?: CallOptions) => Promise<Deleted>;
  /** Undoes a deletion. */
  restore: (id: string, options?: CallOptions) => Promise<Media>;
  /** Another photo in its place: an upload that brought it, or pass `replaces` to `client.upload`. The live one stays until the new one may be shown. */
  replace: (id: string, replacement: Replacement, options?: CallOptions) => Promise<Accepted>;
  /** An address that opens one file for a while, for everybody who has it. */
  signedURL: (id: string, wanted?: SignedURLRequest, options?: CallOptions) => Promise<SignedURL>;
  /** Tries a failed processing or review again. */
  retry: (id: string, options?: CallOptions) => Promise<Accepted>;
  /** Makes the outputs of a ready picture anew, by the rules of today. For managers. */
  reprocess: (id: string, options?: CallOptions) => Promise<Accepted>;
}

/** @internal */
export function mediaResource(connection: Connection): MediaResource {
  const list: MediaResource['list'] = (query = {}, options = {}) => request(connection, 'listMedia', { ...options, query });
  return {
    list,
    async *all(query = {}, options = {}) {
      let cursor: string | null | undefined = query.cursor;
      do {
        const page = await list({ ...query, ...(cursor ? { cursor } : {}) }, options);
        yield* page.media;
        cursor = page.nextCursor;
      } while (cursor !== null);
    },
    read: async (id, options = {}) => (await request(connection, 'readMedia', { ...options, params: { id } })).media,
    async readWithEtag(id, options = {}) {
      const { body, headers } = await send(connection, 'readMedia', { ...options, params: { id } });
      return { media: body.media, etag: headers.get('etag') };
    },
    patch: async (id, patch, options = {}) => (await request(connection, 'patchMedia', { ...options, params: { id }, body: patch })).media,
    delete: (id, options = {}) => request(connection, 'deleteMedia', { ...options, params: { id } }),
    deletePath: (path, options = {}) => request(connection, 'deleteMediaByPath', { ...options, params: { '*': path } }),
    restore: async (id, options = {}) => (await request(connection, 'restoreMedia', { ...options, params: { id } })).media,
    replace: (id, replacement, options = {}) => request(connection, 'replaceMedia', { ...options, params: { id }, body: replacement }),
    signedURL: (id, wanted = {}, options = {}) => request(connection, 'signMediaURL', { ...options, params: { id }, body: wanted }),
    retry: (id, options = {}) => request(connection, 'retryMedia', { ...options, params: { id } }),
    reprocess: (id, options = {}) => request(connection, 'reprocessMedia', { ...options, params: { id } }),
  };
}
