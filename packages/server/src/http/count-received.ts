import type { Socket } from 'node:net';

/** How many bytes have come over a connection since it was asked last: those of the request that has just been answered. */
export function countReceived(): (socket: Socket) => number {
  const before = new WeakMap<Socket, number>();
  return (socket) => {
    const all = socket.bytesRead;
    const bytes = all - (before.get(socket) ?? 0);
    before.set(socket, all);
    return bytes;
  };
}
