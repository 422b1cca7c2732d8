import type { Upload, UploadList } from '@safelight/contract/api';

import { request, type CallOptions, type Connection, type RequestInput } from './request.ts';

export type UploadQuery = NonNullable<RequestInput<'listUploads'>['query']>;

export type UploadsResource = ReturnType<typeof uploadsResource>;

/** Uploads as the server knows them: what is open, how far, until when. */
export function uploadsResource(connection: Connection) {
  return {
    /** One page, newest first. */
    list: (query: UploadQuery = {}, options: CallOptions = {}): Promise<UploadList> => request(connection, 'listUploads', { ...options, query }),
    /** Also why it failed. */
    read: async (id: string, options: CallOptions = {}): Promise<Upload> =>
      (await request(connection, 'readUpload', { ...options, params: { uploadId: id } })).upload,
    /** Removes what had arrived. One that is complete stays; delete its record. */
    abort: async (id: string, options: CallOptions = {}): Promise<Upload> =>
      (await request(connection, 'endUpload', { ...options, params: { uploadId: id } })).upload,
  };
}
