import { once } from 'node:events';
import type { Socket } from 'node:net';

export type StreamPace = {
  /** Interval between comment lines: proxies close silent connections. */
  heartbeatMs: number;
  /** How long a reader may take none of the bytes that wait for it. */
  stallMs: number;
  /** How long the last write may take to be sent. */
  lastWordsMs: number;
};

const usual: StreamPace = { heartbeatMs: 15_000, stallMs: 60_000, lastWordsMs: 5_000 };

/**
 * Writes the items of a stream as fast as the client reads them, with a heartbeat in between, and ends when the stream ends or the signal aborts. At
 * most one piece waits in memory for a slow reader. A reader that stops is cut off, so that it holds neither a socket nor a shutdown; it reconnects
 * with its position and continues from there.
 */
export async function writeStream<Piece>(
  socket: Socket,
  pieces: AsyncIterable<Piece>,
  textOf: (piece: Piece) => string,
  options: { signal: AbortSignal } & Partial<StreamPace>,
): Promise<void> {
  const { signal, heartbeatMs, stallMs, lastWordsMs } = { ...usual, ...options };
  // A client that does not read what is there needs no heartbeat.
  const heartbeat = setInterval(() => void offerPiece(socket, () => ': still here\n\n'), heartbeatMs);
  try {
    for await (const piece of pieces) {
      // It may be full of what was offered meanwhile.
      if (socket.writableNeedDrain && !(await isDrained(socket, signal, stallMs))) break;
      if (!socket.write(bytesOf(textOf(piece))) && !(await isDrained(socket, signal, stallMs))) break;
    }
  } finally {
    clearInterval(heartbeat);
    endWithin(socket, lastWordsMs);
  }
}

/** Writes one more piece to an open stream now, unless its reader is behind; says whether it did. */
export function offerPiece(socket: Socket, text: () => string): boolean {
  if (!socket.writable || socket.writableNeedDrain) return false;
  socket.write(bytesOf(text()));
  return true;
}

let last = { text: '', bytes: Buffer.alloc(0) };

/** Made once for all clients that get the same text in a row. */
function bytesOf(text: string): Buffer {
  if (last.text !== text) last = { text, bytes: Buffer.from(text) };
  return last.bytes;
}

/** False when the reader took nothing for this time, or when the stream was ended meanwhile. */
async function isDrained(socket: Socket, signal: AbortSignal, stallMs: number): Promise<boolean> {
  const stalled = new AbortController();
  const timer = setTimeout(() => stalled.abort(), stallMs);
  try {
    await once(socket, 'drain', { signal: AbortSignal.any([signal, stalled.signal]) });
    return true;
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}

function endWithin(socket: Socket, ms: number): void {
  if (socket.writableNeedDrain) return void socket.destroy();
  // The end of a connection that is gone is not heard of again, and its timer would hold it.
  if (socket.destroyed) return;
  const late = setTimeout(() => socket.destroy(), ms);
  socket.once('close', () => clearTimeout(late));
  socket.end();
}
