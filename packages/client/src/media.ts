import type { Accepted, ListMediaQuery, Media, MediaList, MediaPatch, Replacement, SignedURL, SignedURLRequest } from '@safelight/contract/api';
import { request, send, type CallOptions, type Connection } from './request.ts';

export type Deleted = { media: Media; undoUntil: string };

/** The library: records that the caller may see. */
export interface MediaResource {
  /** One page, newest first; pass `nextCursor` as `cursor` for the next one. */
  list: (query?: ListMediaQuery, options?: CallOptions) => Promise<MediaList>;
  /** Every record of the query, page by page as they are consumed. */
  all: (query?: ListMediaQuery, options?: CallOptions) => AsyncGenerator<Media, void, void>;
  read: (id: string, options?: CallOptions) => Promise<Media>;
  /** The record and its `ETag`, to pass as `ifMatch` with a change. */
  readWithEtag: (id: string, options?: CallOptions) => Promise<{ media: Media; etag: string | null }>;
  /** Changes alt text, purpose, order or focal point. */
  patch: (id: string, patch: MediaPatch, options?: CallOptions) => Promise<Media>;
  /** Hides at once; `restore` undoes it until `undoUntil`. */
  delete: (id: string, options?: CallOptions) => Promise<Deleted>;
  /** By the object path that the upload returned, or that the owner reads in the record. */
  deletePath: (path: string, options?: CallOptions) => Promise<Deleted>;
  /** Undoes a deletion. */
  restore: (id: string, options?: CallOptions) => Promise<Media>;
  /** Replaces a photo with that of a finished upload; or pass `replaces` to `client.upload`. The live photo stays until the new one may be shown. */
  replace: (id: string, replacement: Replacement, options?: CallOptions) => Promise<Accepted>;
  /** A URL that opens one file for a limited time, for everybody who has it. */
  signedURL: (id: string, wanted?: SignedURLRequest, options?: CallOptions) => Promise<SignedURL>;
  /** Retries a failed processing or review. */
  retry: (id: string, options?: CallOptions) => Promise<Accepted>;
  /** Makes the outputs of ready media again with the current rules. For managers. */
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
