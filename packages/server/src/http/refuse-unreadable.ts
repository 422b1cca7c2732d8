import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';

import { SafelightError } from '../lib/errors.ts';
import { problemOf } from './problem.ts';

type ClientError = Error & { code?: string };

/** Status lines for what is refused before there is a request. */
const refusals: Record<string, { status: string; detail: string }> = {
  HPE_HEADER_OVERFLOW: { status: '431 Request Header Fields Too Large', detail: 'The headers of the request are too large. Send fewer or shorter ones.' },
  ERR_HTTP_REQUEST_TIMEOUT: { status: '408 Request Timeout', detail: 'The headers of the request did not come in time. Send it again.' },
};
const unreadable = { status: '400 Bad Request', detail: 'This is not a well-formed HTTP request.' };

/** Answers bytes that are not HTTP with a problem like any other; if the connection is already gone, does nothing. */
export function refuseUnreadable(error: ClientError, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const { status, detail } = refusals[error.code ?? ''] ?? unreadable;
  writeRefusal(socket, status, detail);
}

/** A problem for a connection on which there is no response to write it with; ends the connection. */
export function writeRefusal(socket: { end(text: string): unknown }, status: string, detail: string): void {
  const { body } = problemOf(new SafelightError('invalid_request', detail), randomUUID());
  const json = JSON.stringify({ ...body, status: Number.parseInt(status, 10) });
  socket.end(
    `HTTP/1.1 ${status}\r\ncontent-type: application/problem+json\r\nx-content-type-options: nosniff\r\ncache-control: no-store\r\nconnection: close\r\ncontent-length: ${Buffer.byteLength(json)}\r\n\r\n${json}`,
  );
}
