import http from 'node:http';
import https from 'node:https';
import { text } from 'node:stream/consumers';

import { refusalOf } from './gcs-error.ts';
import { tryAgain } from './try-again.ts';

export type BodyRequest = { headers: Record<string, string>; signal: AbortSignal };

/**
 * A GET whose body is streamed. It does not use `fetch`, whose body is a web stream: converting it to a Node stream takes a fifth of the time of a
 * large download. Destroying the answer ends its connection.
 */
export async function openBody(url: string, request: BodyRequest): Promise<http.IncomingMessage> {
  return tryAgain(request.signal, async () => {
    const answer = await get(url, request);
    const status = answer.statusCode ?? 0;
    if (status >= 200 && status < 300) return answer;
    throw refusalOf(status, await text(answer));
  });
}

function get(url: string, { headers, signal }: BodyRequest): Promise<http.IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<http.IncomingMessage>();
  const { get: send } = url.startsWith('https:') ? https : http;
  // For a host with several addresses, the error has no message of its own.
  const unanswered = (cause: NodeJS.ErrnoException): Error => new Error(`There was no answer: ${cause.code ?? cause.message}.`, { cause });
  send(url, { headers, signal }, resolve).on('error', (error) => reject(unanswered(error)));
  return promise;
}
