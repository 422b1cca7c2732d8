import http from 'node:http';
import https from 'node:https';

import { owned } from '../lib/owned.ts';
import { field, unsent } from './provider-failures.ts';

/** `said` is undefined when it is not JSON or too long; `status` is null when the server could not be reached. */
export type BriefAnswer = { status: number | null; said: unknown };

const mostBytes = 1 << 16;

/**
 * One small GET for requests that are sent a thousand times a minute: a client library, or `fetch`, would take three to five times the processor
 * time. A redirect counts as an answer.
 */
export async function askBriefly(url: string, { headers, signal }: { headers: Record<string, string>; signal: AbortSignal }): Promise<BriefAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<BriefAnswer>();
  const request = owned((url.startsWith('https:') ? https : http).get(url, { headers: { accept: 'application/json', ...headers }, signal }));
  request.once('error', (error) => (unsent.has(String(field(error, 'code'))) ? resolve({ status: null, said: undefined }) : reject(error)));
  request.once('response', (response) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const answer = (said: unknown): void => resolve({ status: response.statusCode ?? 0, said });
    owned(response)
      .on('data', (chunk: Buffer) => {
        length += chunk.length;
        chunks.push(chunk);
        if (length <= mostBytes) return;
        answer(undefined);
        request.destroy();
      })
      .once('end', () => answer(parse(Buffer.concat(chunks).toString())))
      // After the end of the answer this has no effect.
      .once('close', () => reject(new Error('an answer that was cut')));
  });
  return await promise;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
