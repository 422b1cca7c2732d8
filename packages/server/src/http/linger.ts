import type { Socket } from 'node:net';

import type { FastifyRequest } from 'fastify';

const mostLingeringMs = 2_000;
const mostLingeringBytes = 8 * 2 ** 20;

/**
 * Lets a refusal reach a client that is still sending: after the answer our side of the connection is closed, and what the client
 * sends is read and thrown away for a moment. Closing at once would make the operating system reset the connection, and a reset
 * throws the answer away that the client had not read yet.
 */
export function lingerAfter(request: FastifyRequest): void {
  const { socket } = request.raw;
  if (request.raw.complete || socket === null || socket.destroyed) return;
  // The server ends a connection that is not kept alive through this method, and there is no other place to ask it to wait.
  socket.destroySoon = () => linger(socket);
}

function linger(socket: Socket): void {
  const most = socket.bytesRead + mostLingeringBytes;
  const end = (): void => {
    clearTimeout(timer);
    clearInterval(look);
    socket.destroy();
  };
  const timer = setTimeout(end, mostLingeringMs);
  const look = setInterval(() => {
    if (socket.bytesRead > most) end();
  }, 50);
  socket.once('close', () => {
    clearTimeout(timer);
    clearInterval(look);
  });
  socket.once('end', end);
  socket.end();
  socket.resume();
}
