import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';

import { expect, onTestFinished, test } from 'vitest';

import { takeSocket, writeLastHead } from './take-socket.ts';
import { writeStream, type StreamPace } from './write-stream.ts';

const chunk = `data: ${'x'.repeat(64 * 1024)}\n\n`;

/** `answer` is the server's end of the connection and `socket` the client's. */
type Written = { answer: Socket; socket: Socket; done: Promise<void>; chunks: number; mostWaiting: number; ended: boolean; leave(): void };

/** A stream of events to a client that has sent the request and reads nothing until it is told to. */
async function streamToSilentReader(count: number, pace: Partial<StreamPace> = {}): Promise<Written> {
  const leaving = new AbortController();
  const started = Promise.withResolvers<Written>();
  const serve = async (_request: IncomingMessage, response: ServerResponse): Promise<void> => {
    writeLastHead(response, 200, { 'content-type': 'text/event-stream' });
    const answer = await takeSocket(response);
    const written: Written = { answer, socket, done: Promise.resolve(), chunks: 0, mostWaiting: 0, ended: false, leave: () => leaving.abort() };
    async function* chunks(): AsyncGenerator<string> {
      try {
        for (; written.chunks < count; written.chunks += 1) {
          written.mostWaiting = Math.max(written.mostWaiting, answer.writableLength);
          yield chunk;
        }
        await once(leaving.signal, 'abort');
      } finally {
        written.ended = true;
      }
    }
    answer.once('close', () => leaving.abort());
    written.done = writeStream(answer, chunks(), String, { signal: leaving.signal, ...pace });
    started.resolve(written);
  };
  const server = createServer((request, response) => void serve(request, response).catch(started.reject));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1').pause();
  socket.on('error', () => undefined);
  socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
  onTestFinished(async () => {
    socket.destroy();
    server.close();
    await once(server, 'close');
  });
  return await started.promise;
}

test('a stalled reader is cut off, and at most one event waits for it at any time', async () => {
  const written = await streamToSilentReader(Infinity, { stallMs: 200, heartbeatMs: 1 });
  await written.done;
  await expect.poll(() => written.answer.destroyed).toBe(true);
  expect(written.ended).toBe(true);
  expect(written.mostWaiting).toBeLessThan(2 * chunk.length);
});

test('a reader that was busy for a moment gets everything', async () => {
  const written = await streamToSilentReader(400);
  await expect.poll(() => written.answer.writableNeedDrain).toBe(true);
  let read = 0;
  written.socket.on('data', (bytes: Buffer) => (read += bytes.length)).resume();
  await expect.poll(() => read).toBeGreaterThan(400 * chunk.length);
  expect(written.answer.destroyed).toBe(false);
});

test('data for a stalled reader does not delay the server when the stream ends', async () => {
  const written = await streamToSilentReader(Infinity);
  await expect.poll(() => written.answer.writableNeedDrain).toBe(true);
  written.leave();
  await written.done;
  await expect.poll(() => written.answer.destroyed).toBe(true);
});
