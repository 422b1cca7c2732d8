import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { owned } from '../lib/owned.ts';

/** Where clamd listens: a TCP port or a Unix socket. */
export type ClamdAddress = { host: string; port: number } | { path: string };
export type AskClamd = { address: ClamdAddress; command: 'PING' | 'VERSION' | 'INSTREAM'; body?: Readable; silenceMs: number; signal: AbortSignal };

/**
 * Sends one command on one connection and returns clamd's answer without its terminator. A body follows its command in chunks, each preceded by its
 * length; an empty chunk ends it. clamd may answer early, when the stream is longer than its limit: then no more is sent.
 *
 * Rejects when clamd cannot be reached, closes without an answer, or neither reads nor writes for `silenceMs`.
 */
export async function askClamd({ address, command, body, silenceMs, signal }: AskClamd): Promise<string> {
  signal.throwIfAborted();
  const socket = owned(connect(address));
  const answer = answerOn(socket, silenceMs);
  const done = new AbortController();
  const abort = (): void => void socket.destroy(signal.reason instanceof Error ? signal.reason : new Error('the scan was given up'));
  signal.addEventListener('abort', abort, { once: true });
  try {
    // After a leading z, the command and the answer each end with a zero byte.
    socket.write(`z${command}\0`);
    if (body !== undefined) await Promise.race([answer, sendChunks(socket, body, done.signal)]);
    return await answer;
  } finally {
    signal.removeEventListener('abort', abort);
    done.abort();
    socket.destroy();
    body?.destroy();
  }
}

function answerOn(socket: Socket, silenceMs: number): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  // Sending may fail first; then nobody awaits the answer.
  promise.catch(() => undefined);
  let said = '';
  socket.setTimeout(silenceMs, () => socket.destroy(new Error(`clamd was silent for ${silenceMs / 1000} s`)));
  socket.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    if (said.includes('\0')) resolve(said.slice(0, said.indexOf('\0')));
  });
  socket.on('error', reject).on('close', () => reject(new Error('clamd closed the connection without an answer')));
  return promise;
}

async function sendChunks(socket: Socket, body: Readable, done: AbortSignal): Promise<void> {
  for await (const chunk of body as AsyncIterable<Buffer>) {
    // A length of zero would end the stream early.
    if (chunk.length === 0) continue;
    socket.write(lengthOf(chunk.length));
    if (!socket.write(chunk)) await once(socket, 'drain', { signal: done });
  }
  socket.write(lengthOf(0));
}

function lengthOf(bytes: number): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes);
  return length;
}
