import type { Socket } from 'node:net';

/** Counts the bytes received on a connection since the last call: those of the request that was just answered. */
export function countReceived(): (socket: Socket) => number {
  const before = new WeakMap<Socket, number>();
  return (socket) => {
    const all = socket.bytesRead;
    const bytes = all - (before.get(socket) ?? 0);
    before.set(socket, all);
    return bytes;
  };
}
