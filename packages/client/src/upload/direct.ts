import type { AnswerOf } from '../request.ts';
import { newIdempotencyKey, sign, urlOf } from '../request.ts';
import { retry } from '../retry.ts';
import type { UploadProtocol } from './protocol.ts';
import { sendBytes } from './send-bytes.ts';

/** One request with the file in it; the answer may already be the ready record. */
export const uploadDirect: UploadProtocol = async ({ connection, blob, filename, destination, idempotencyKey, signal, onSent }) => {
  const form = new FormData();
  for (const [name, value] of Object.entries(destination)) {
    if (value !== undefined) form.set(name, String(value));
  }
  // Last, so that the server knows what the file is for before its first byte.
  form.append('file', blob, filename);
  const headers = new Headers({ accept: 'application/json', 'idempotency-key': idempotencyKey ?? newIdempotencyKey() });
  const url = urlOf(connection, 'uploadDirect');
  const answer = await retry(
    async () => {
      await sign(connection, headers);
      return sendBytes(connection, { method: 'POST', url, headers, body: form, size: blob.size, onSent, signal });
    },
    { retries: 3, signal },
  );
  const accepted = JSON.parse(answer.text) as Exclude<AnswerOf<'uploadDirect'>, { results: unknown }>;
  return { media: accepted.media, jobId: 'jobId' in accepted ? accepted.jobId : null, path: null };
};
