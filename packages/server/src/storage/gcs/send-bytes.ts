import { setTimeout as pause } from 'node:timers/promises';
import { xmlRefusal } from './gcs-error.ts';

export type BytesRequest = {
  method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  headers?: Record<string, string>;
  body?: Buffer | string;
  signal: AbortSignal;
  /** Statuses besides 2xx that are answers and not refusals. */
  accept?: readonly number[];
};

const attempts = 4;
const firstPauseMs = 100;

/** A request for which Google's client has no method. Bytes in memory can be sent again, so a lost connection or a busy server is tried again. */
export async function sendBytes(url: string, { method, headers = {}, body, signal, accept = [] }: BytesRequest): Promise<Response> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const answer = await fetch(url, { method, headers, signal, ...(body !== undefined && { body: typeof body === 'string' ? body : new Uint8Array(body) }) });
      if (answer.ok || accept.includes(answer.status)) return answer;
      const refusal = await refusalOf(answer);
      if (!isPassing(answer.status) || attempt === attempts) throw refusal;
    } catch (error) {
      // `fetch` throws a TypeError when there was no answer.
      if (!(error instanceof TypeError) || signal.aborted || attempt === attempts) throw error;
    }
    await pause(firstPauseMs * 2 ** (attempt - 1), undefined, { signal });
  }
}

const isPassing = (status: number): boolean => status === 408 || status === 429 || status >= 500;

async function refusalOf(answer: Response): Promise<Error> {
  const text = await answer.text();
  const reason = /<Code>([^<]*)<\/Code>/.exec(text)?.[1] ?? '';
  return xmlRefusal(answer.status, reason, /<Message>([^<]*)<\/Message>/.exec(text)?.[1] ?? text.slice(0, 500));
}
