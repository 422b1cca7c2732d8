import { once } from 'node:events';
import type { ServerResponse } from 'node:http';

export type StreamPace = {
  /** Proxies close what is silent; a comment line is not. */
  heartbeatMs: number;
  /** How long a reader may take nothing of what waits for it. */
  stallMs: number;
  /** How long what was written last may take to leave. */
  lastWordsMs: number;
};

const usual: StreamPace = { heartbeatMs: 15_000, stallMs: 60_000, lastWordsMs: 5_000 };

/**
 * Writes what comes of a stream as fast as it is read, with a heartbeat in between, and ends it when that ends or the signal aborts.
 * What waits in memory for a slow reader is one piece, never more; one that takes nothing at all is cut off, so that it holds neither a
 * socket nor a server that shuts down. It comes back with its position and goes on from there.
 */
export async function writeStream<Piece>(
  answer: ServerResponse,
  pieces: AsyncIterable<Piece>,
  textOf: (piece: Piece) => string,
  options: { signal: AbortSignal } & Partial<StreamPace>,
): Promise<void> {
  const { signal, heartbeatMs, stallMs, lastWordsMs } = { ...usual, ...options };
  const heartbeat = setInterval(() => {
    // A client that does not read what is there needs no sign of life besides.
    if (!isFull(answer)) write(answer, ': still here\n\n');
  }, heartbeatMs);
  try {
    answer.flushHeaders();
    for await (const piece of pieces) {
      if (!write(answer, textOf(piece)) && !(await isDrained(answer, signal, stallMs))) break;
    }
  } finally {
    clearInterval(heartbeat);
    endWithin(answer, lastWordsMs);
  }
}

/**
 * To the socket at once, where the answer is in chunks: the answer would make each chunk anew for every reader, of four pieces, and write them in a
 * later turn.
 */
function write(answer: ServerResponse, text: string): boolean {
  const { socket } = answer;
  return socket !== null && answer.chunkedEncoding ? socket.write(chunkOf(text)) : answer.write(text);
}

let last = { text: '', bytes: Buffer.alloc(0) };

/** Made once for all who are sent the same one after the other. */
function chunkOf(text: string): Buffer {
  if (last.text !== text) last = { text, bytes: Buffer.from(`${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`) };
  return last.bytes;
}

const isFull = (answer: ServerResponse): boolean => answer.writableNeedDrain || answer.socket?.writableNeedDrain === true;

/** False when the reader took nothing for that long, or the stream was ended meanwhile. */
async function isDrained(answer: ServerResponse, signal: AbortSignal, stallMs: number): Promise<boolean> {
  const stalled = new AbortController();
  const timer = setTimeout(() => stalled.abort(), stallMs);
  try {
    await once(answer.socket?.writableNeedDrain === true ? answer.socket : answer, 'drain', { signal: AbortSignal.any([signal, stalled.signal]) });
    return true;
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}

function endWithin(answer: ServerResponse, ms: number): void {
  if (isFull(answer)) return void answer.destroy();
  const late = setTimeout(() => answer.destroy(), ms);
  answer.once('close', () => clearTimeout(late));
  answer.end();
}
