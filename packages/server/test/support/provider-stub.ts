import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { onTestFinished } from 'vitest';

export type Seen = { method: string; path: string; query: URLSearchParams; headers: IncomingMessage['headers']; body: Buffer };
export type Answering = (seen: Seen, response: ServerResponse) => void;

/** A server that answers correct requests and refuses, by `problemOf`, what the real one would not accept. `seen` counts the requests. */
export async function providerStub(problemOf: (seen: Seen) => string | null, answer: Answering): Promise<{ origin: string; seen: Seen[] }> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const url = new URL(request.url ?? '', 'http://stub');
      const one: Seen = {
        method: request.method ?? '',
        path: url.pathname,
        query: url.searchParams,
        headers: request.headers,
        body: Buffer.concat(chunks),
      };
      seen.push(one);
      const wrong = problemOf(one);
      if (wrong === null) answer(one, response);
      else answerJson(400, { error: { message: wrong, code: 'stub_refused', status: 'STUB_REFUSED' } })(one, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

/**
 * The headers that the official libraries and we send; an idempotency key is not among them, because nobody knows whether the provider honours it.
 */
const knownHeaders =
  /^(host|connection|accept|accept-encoding|accept-language|sec-fetch-mode|cookie|user-agent|content-type|content-length|transfer-encoding|expect|range|if-range|authorization|x-goog-api-key|x-goog-api-client|x-server-timeout|x-stainless-[a-z-]+)$/;

export const unknownHeader = (headers: IncomingMessage['headers']): string | null => {
  const unknown = Object.keys(headers).filter((name) => !knownHeaders.test(name));
  return unknown.length === 0 ? null : `headers ${unknown.join(', ')}`;
};

export const answerJson =
  (status: number, body: unknown, headers: Record<string, string> = {}): Answering =>
  (_, response) =>
    void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));

/** Names of unknown fields, by their paths; `*` stands for every item of a list. */
export function unknownFields(body: unknown, known: readonly string[], at = ''): string[] {
  if (Array.isArray(body)) return body.flatMap((item) => unknownFields(item, known, `${at}*.`));
  if (typeof body !== 'object' || body === null) return [];
  return Object.entries(body).flatMap(([name, value]) => {
    const path = `${at}${name}`;
    if (!known.some((one) => one === path || one.startsWith(`${path}.`))) return [path];
    return unknownFields(value, known, `${path}.`);
  });
}
