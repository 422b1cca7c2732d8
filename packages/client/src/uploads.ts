import type { ListUploadsQuery, Upload, UploadList } from '@safelight/contract/api';

import { request, type CallOptions, type Connection } from './request.ts';

/** Uploads on the server: how much has arrived, when they expire. */
export interface UploadsResource {
  /** One page, newest first. */
  list: (query?: ListUploadsQuery, options?: CallOptions) => Promise<UploadList>;
  /** Includes why the upload failed. */
  read: (id: string, options?: CallOptions) => Promise<Upload>;
  /** Removes what has arrived. A completed upload stays; delete its record instead. */
  abort: (id: string, options?: CallOptions) => Promise<Upload>;
}

/** @internal */
export function uploadsResource(connection: Connection): UploadsResource {
  return {
    list: (query = {}, options = {}) => request(connection, 'listUploads', { ...options, query }),
    read: async (id, options = {}) => (await request(connection, 'readUpload', { ...options, params: { uploadId: id } })).upload,
    abort: async (id, options = {}) => (await request(connection, 'endUpload', { ...options, params: { uploadId: id } })).upload,
  };
}
