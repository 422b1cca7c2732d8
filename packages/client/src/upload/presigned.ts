import { request } from '../request.ts';
import { retry } from '../retry.ts';
import type { UploadProtocol } from './protocol.ts';
import { sendBytes } from './send-bytes.ts';

/** Opens an upload, sends the bytes straight to storage, and completes the upload. */
export const uploadPresigned: UploadProtocol = async ({ connection, blob, filename, destination, idempotencyKey, signal, patience, onSent }) => {
  const body = { ...destination, filename, byteSize: blob.size, ...(blob.type === '' ? {} : { contentType: blob.type }) };
  const opened = await request(connection, 'openUpload', { body, idempotencyKey, signal, patience });
  if (!('uploadURL' in opened)) throw new Error('One PUT was asked for, and the server answered with parts.');
  // The URL contains its own signature: the token goes only to Safelight, never to a storage provider.
  const headers = new Headers(opened.headers);
  const url = new URL(opened.uploadURL, connection.baseURL || undefined).href;
  let attempts = 0;
  const put = async (): Promise<unknown> => {
    attempts += 1;
    return await sendBytes(connection, { method: opened.method, url, headers, body: blob, blob, onSent, signal });
  };
  const complete = async () => {
    const { media, jobId, path } = await request(connection, 'completeUpload', { body: { uploadId: opened.uploadId }, signal, patience });
    return { media, jobId, path };
  };
  try {
    await retry(put, { retries: 3, patience, signal });
  } catch (error) {
    // Whether it is heard does not matter here: what nobody completes expires by itself.
    if (signal.aborted) request(connection, 'abortUpload', { params: { uploadId: opened.uploadId } }).catch(() => undefined);
    // A bucket accepts an object only once. If the answer to the first PUT was lost, the second is refused; completion finds out what is stored.
    if (attempts < 2 || signal.aborted) throw error;
    return await complete().catch(() => {
      throw error;
    });
  }
  return await complete();
};
