import type { ServerResponse } from 'node:http';
import { Socket } from 'node:net';

const ofHttp = ['data', 'end', 'close', 'drain', 'error', 'timeout', 'resume', 'pause'];

/**
 * Ends an answer for HTTP once its head is sent, and returns its connection, on which the body goes on until it is closed. For an answer of hours HTTP
 * would hold its parser, its request and what the framework knows of both: more than twice of what the connection takes. Rejects when the client has
 * gone before.
 */
export async function takeSocket(answer: ServerResponse): Promise<Socket> {
  if (answer.destroyed) throw gone();
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  // Before Node's own listener, which lets go of the socket.
  answer.prependOnceListener('finish', () => {
    const { socket } = answer;
    if (socket === null) return;
    // Node closes the connection of the last answer by this method, after it has let go of it; there is no other hook to keep it.
    socket.destroySoon = () => {
      socket.destroySoon = Socket.prototype.destroySoon;
      release(socket);
      resolve(socket);
    };
  });
  answer.once('close', () => reject(gone()));
  answer.end();
  return await promise;
}

const gone = (): Error => Object.assign(new Error('The reader has gone.'), { code: 'ERR_STREAM_PREMATURE_CLOSE' });

/** Writes the head of an answer whose body ends with its connection. */
export function writeLastHead(answer: ServerResponse, status: number, headers: Record<string, string>): void {
  answer.removeHeader('transfer-encoding');
  answer.writeHead(status, { ...headers, connection: 'close' });
}

/** Node frees the parser of a connection, 10 KB beside the heap, when it hears that it has closed, or has become one of another protocol. */
function release(socket: Socket): void {
  socket.setTimeout(0);
  socket.emit('close', false);
  for (const event of ofHttp) socket.removeAllListeners(event);
  // What the client still sends is discarded; its end, and that of the connection, are heard of only while it is read.
  socket.on('error', () => undefined);
  socket.on('end', () => socket.end());
  socket.resume();
}
