import type { CreateResumableUploadOptions, FileMetadata } from '@google-cloud/storage';
import { createHash } from 'node:crypto';
import { SafelightError } from '../../lib/errors.ts';
import { fileOf, request, type GcsBucket } from './gcs-bucket.ts';
import { rethrowCondition } from './gcs-error.ts';
import { sendBytes } from './send-bytes.ts';

/** A long upload in one of Google's upload sessions, whose address is its own credential. */
export type ResumableUpload = {
  /** Takes the next bytes in order; resolves when those before them have arrived. */
  send(bytes: Buffer): Promise<void>;
  /** Sends what is left and makes the object visible. */
  finish(): Promise<FileMetadata>;
  cancel(): Promise<void>;
};

/**
 * The client's own upload stream cannot be aborted, and must know from the start whether it may finish. So the client opens the session and this code
 * sends the chunks. It holds back the newest one, because the last chunk must say that it is the last.
 */
export async function resumableUpload(
  bucket: GcsBucket,
  key: string,
  options: CreateResumableUploadOptions & { contentType: string },
  signal: AbortSignal | undefined,
): Promise<ResumableUpload> {
  const file = fileOf(bucket, key);
  const [session] = await request(bucket, { signal, key }, () => file.createResumableUpload(options), rethrowCondition);
  const md5 = createHash('md5');
  let held: Buffer | null = null;
  let sent = 0;
  let sending: Promise<void> = Promise.resolve();

  const put = (bytes: Buffer, last: boolean): Promise<Response> => {
    const headers = { 'Content-Range': rangeOf(sent, sent + bytes.length, last) };
    return request(
      bucket,
      { signal, key, bytes: bytes.length },
      (abortSignal) => sendBytes(session, { method: 'PUT', headers, body: bytes, signal: abortSignal, accept: [308] }),
      rethrowCondition,
    );
  };
  const sendHeld = async (): Promise<void> => {
    if (held === null) return;
    const bytes = held;
    held = null;
    const answer = await put(bytes, false);
    await answer.body?.cancel();
    const arrived = Number(answer.headers.get('range')?.split('-')[1] ?? -1) + 1;
    sent += bytes.length;
    if (answer.status !== 308 || arrived !== sent)
      throw new SafelightError('storage_unavailable', 'The provider kept only a part of what it was sent. Try again.', { context: { key, arrived, sent } });
  };
  return {
    send: (bytes) => {
      sending = sending.then(async () => {
        await sendHeld();
        md5.update(bytes);
        held = bytes;
      });
      return sending;
    },
    finish: async () => {
      await sending;
      const metadata: unknown = await (await put(held ?? Buffer.alloc(0), true)).json();
      if (!isFileMetadata(metadata))
        throw new SafelightError('storage_unavailable', 'The provider ended an upload without saying what it has. Try again.', { context: { key } });
      if (metadata.md5Hash === md5.digest('base64')) return metadata;
      await file.delete({ ignoreNotFound: true, ...(metadata.generation !== undefined && { ifGenerationMatch: metadata.generation }) });
      throw new SafelightError('checksum_mismatch', 'The bytes were changed on their way to the storage provider. Try again.', { context: { key } });
    },
    cancel: async () => {
      // Google answers 499. A session that is not cancelled ends after a week and was never an object.
      const answer = await request(bucket, { key }, (abortSignal) =>
        sendBytes(session, { method: 'DELETE', headers: { 'Content-Length': '0' }, signal: abortSignal, accept: [499, 404, 410] }),
      );
      await answer.body?.cancel();
    },
  };
}

const rangeOf = (from: number, end: number, isLast: boolean): string => `bytes ${from === end ? '*' : `${from}-${end - 1}`}/${isLast ? end : '*'}`;

/** The upload's last answer describes the object. */
const isFileMetadata = (answer: unknown): answer is FileMetadata => typeof answer === 'object' && answer !== null && 'generation' in answer;
