import { newIdempotencyKey, signed, urlOf } from '../request.ts';
import { retry } from '../retry.ts';
import type { ProtocolInput } from './protocol.ts';
import { sendBytes } from './send-bytes.ts';

/** Sends a file with its fields as one form and returns the JSON of the response. Repeating it creates nothing twice. */
export async function postFile(
  { connection, blob, filename, idempotencyKey, signal, patience, onSent }: ProtocolInput,
  operation: 'uploadDirect' | 'replaceMedia',
  params: Record<string, string>,
  fields: Record<string, string | number | null | undefined>,
): Promise<unknown> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined && value !== null) form.set(name, String(value));
  }
  // Last, so that the server knows what the file is for before its first byte.
  form.append('file', blob, filename);
  const headers = new Headers({ accept: 'application/json', 'idempotency-key': idempotencyKey ?? newIdempotencyKey() });
  const url = urlOf(connection, operation, params);
  const answer = await retry(
    () => signed(connection, headers, () => sendBytes(connection, { method: 'POST', url, headers, body: form, blob, onSent, signal })),
    { retries: 3, patience, signal },
  );
  return JSON.parse(answer.text) as unknown;
}
