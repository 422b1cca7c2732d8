import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

import type { FastifyInstance } from 'fastify';

import { SafelightError } from '../lib/errors.ts';
import { owned } from '../lib/owned.ts';
import { writeRefusal } from './refuse-unreadable.ts';
import { sendProblem } from './send-problem.ts';

/** How long a client may take to read the refusal of a CONNECT. */
const usualLastWordsMs = 1_000;

/**
 * Refuses, with a problem like any other, the heads of requests that Node itself would answer with an empty body, or not at all, or take without
 * heeding them: one without `Host` or with several, an `Expect` that we do not know, a `Transfer-Encoding` beside `chunked`, and `CONNECT`. Needs an application made with `http: { requireHostHeader: false }`.
 */
export function refuseOddHeads(app: FastifyInstance, { lastWordsMs = usualLastWordsMs } = {}): void {
  app.server.on('checkExpectation', (request, response) => void app.server.emit('request', request, response));
  app.server.on('connect', (_request, socket) => refuseConnect(socket, lastWordsMs));
  app.addHook('onRequest', async (request, reply) => {
    const odd = oddIn(request.raw);
    return odd === null ? undefined : sendProblem(new SafelightError('invalid_request', odd.detail), request, reply, odd.status);
  });
}

/** Node hands the bare connection over: it hears no errors of it any more, reads nothing and waits for its client without end. */
function refuseConnect(connection: Duplex, lastWordsMs: number): void {
  const socket = owned(connection);
  const late = setTimeout(() => socket.destroy(), lastWordsMs);
  socket.once('close', () => clearTimeout(late));
  socket.resume();
  writeRefusal(socket, '405 Method Not Allowed', 'This server is no proxy: it opens no connections to others.');
}

function oddIn({ headers, httpVersion, rawHeaders }: IncomingMessage): { detail: string; status?: 417 | 501 } | null {
  // Node undoes `chunked` alone, so the bytes of a file would be stored compressed.
  if ((headers['transfer-encoding'] ?? 'chunked').toLowerCase() !== 'chunked')
    return { status: 501, detail: 'The body has a Transfer-Encoding that this server does not know. Send it with chunked alone, or with its length.' };
  // HTTP/1.0 has neither.
  if (httpVersion === '1.0') return null;
  if (headers.expect !== undefined && headers.expect.toLowerCase() !== '100-continue')
    return { status: 417, detail: 'The header Expect asks for something that this server does not know. Leave it out, or send 100-continue.' };
  if (headers.host === undefined) return { detail: 'The request has no Host header. Send the name of the host that it goes to.' };
  return isHostRepeated(rawHeaders) ? { detail: 'The request has more than one Host header. Send one.' } : null;
}

/** Which host is meant would be decided differently by a proxy in front. */
function isHostRepeated(rawHeaders: readonly string[]): boolean {
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) if (rawHeaders[at]?.length === 4 && rawHeaders[at]?.toLowerCase() === 'host') hosts += 1;
  return hosts > 1;
}
