import { refusalOf } from './gcs-error.ts';
import { tryAgain } from './try-again.ts';

export type BytesRequest = {
  method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  headers?: Record<string, string>;
  body?: Buffer | string;
  signal: AbortSignal;
  /** Statuses besides 2xx that are answers and not refusals. */
  accept?: readonly number[];
};

/** A request for which Google's client has no method, and whose answer is small. Bytes in memory can be sent again. */
export async function sendBytes(url: string, { method, headers = {}, body, signal, accept = [] }: BytesRequest): Promise<Response> {
  return tryAgain(signal, async () => {
    const answer = await fetch(url, { method, headers, signal, ...(body !== undefined && { body: typeof body === 'string' ? body : new Uint8Array(body) }) });
    if (answer.ok || accept.includes(answer.status)) return answer;
    throw refusalOf(answer.status, await answer.text());
  });
}
