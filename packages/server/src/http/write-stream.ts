import { once } from 'node:events';
import type { ServerResponse } from 'node:http';

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
  answer: ServerResponse,
  pieces: AsyncIterable<Piece>,
  textOf: (piece: Piece) => string,
  options: { signal: AbortSignal } & Partial<StreamPace>,
): Promise<void> {
  const { signal, heartbeatMs, stallMs, lastWordsMs } = { ...usual, ...options };
  const heartbeat = setInterval(() => {
    // A client that does not read what is there needs no heartbeat.
    if (!isFull(answer)) write(answer, ': still here\n\n');
  }, heartbeatMs);
  try {
    answer.flushHeaders();
    for await (const piece of pieces) {
      // It may be full of what was offered meanwhile.
      if (isFull(answer) && !(await isDrained(answer, signal, stallMs))) break;
      if (!write(answer, textOf(piece)) && !(await isDrained(answer, signal, stallMs))) break;
    }
  } finally {
    clearInterval(heartbeat);
    endWithin(answer, lastWordsMs);
  }
}

/** Writes one more piece to an open stream now, unless its reader is behind; says whether it did. */
export function offerPiece(answer: ServerResponse, text: () => string): boolean {
  if (answer.destroyed || answer.writableEnded || !answer.headersSent || isFull(answer)) return false;
  write(answer, text());
  return true;
}

/**
 * Writes a chunked answer directly to the socket: the response object would build each chunk again for every reader, out of four pieces, and write
 * them in a later turn.
 */
function write(answer: ServerResponse, text: string): boolean {
  const { socket } = answer;
  return socket !== null && answer.chunkedEncoding ? socket.write(chunkOf(text)) : answer.write(text);
}

let last = { text: '', bytes: Buffer.alloc(0) };

/** Built once for all clients that get the same text in a row. */
function chunkOf(text: string): Buffer {
  if (last.text !== text) last = { text, bytes: Buffer.from(`${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`) };
  return last.bytes;
}

const isFull = (answer: ServerResponse): boolean => answer.writableNeedDrain || answer.socket?.writableNeedDrain === true;

/** False when the reader took nothing for this time, or when the stream was ended meanwhile. */
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
