import type { Server } from 'node:http';
import type { Socket } from 'node:net';

import type { FastifyRequest } from 'fastify';

/** A client that was busy elsewhere sends and reads again within this time; one that has read the answer closes at once. */
const mostSilenceMs = 10_000;
const mostDrainingMs = 30_000;
const mostDrainingBytes = 64 * 2 ** 20;
const lookEveryMs = 250;

const draining = new WeakMap<Server, Set<() => void>>();
const shuttingDown = new WeakSet<Server>();

/**
 * Lets a refusal reach a client that is still sending: after the answer we close our side of the connection, and for a while read and discard what
 * the client sends. Closing at once would make the operating system reset the connection: the client's next write would fail (`EPIPE`), and the
 * unread answer would be lost.
 */
export function drainAfterRefusal(request: FastifyRequest): void {
  const { socket } = request.raw;
  if (request.raw.complete || socket === null || socket.destroyed || shuttingDown.has(request.server.server)) return;
  const all = draining.get(request.server.server) ?? new Set();
  draining.set(request.server.server, all);
  // The server ends a connection without keep-alive through this method; there is no other hook to delay it.
  socket.destroySoon = () => drain(socket, all);
}

/** Ends all draining and starts no more, so that a server that shuts down does not wait for refused clients. */
export function endDraining(server: Server): void {
  shuttingDown.add(server);
  draining.get(server)?.forEach((end) => end());
}

function drain(socket: Socket, all: Set<() => void>): void {
  const most = socket.bytesRead + mostDrainingBytes;
  let seen = socket.bytesRead;
  let silentMs = 0;
  const end = (): void => void socket.destroy();
  const timer = setTimeout(end, mostDrainingMs);
  const look = setInterval(() => {
    silentMs = socket.bytesRead > seen ? 0 : silentMs + lookEveryMs;
    seen = socket.bytesRead;
    if (seen > most || silentMs >= mostSilenceMs) end();
  }, lookEveryMs);
  all.add(end);
  socket.once('close', () => {
    clearTimeout(timer);
    clearInterval(look);
    all.delete(end);
  });
  socket.once('end', end);
  socket.end();
  socket.resume();
}
