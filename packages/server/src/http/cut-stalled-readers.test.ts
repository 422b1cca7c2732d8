import { connect, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';

import fastify from 'fastify';
import { expect, onTestFinished, test } from 'vitest';

import { streamOf } from '../storage/stream-of.ts';
import { cutStalledReaders } from './cut-stalled-readers.ts';

const bytes = Buffer.alloc(40 * 2 ** 20);

/** A server that cuts stalled answers after this time, and a client that has sent it a request. */
async function asking(path: string, stallMs: number): Promise<{ client: Socket; closed: Promise<boolean>; answerLate(): void }> {
  const app = fastify({ forceCloseConnections: true });
  cutStalledReaders(app, stallMs);
  const late = Promise.withResolvers<string>();
  const closed = Promise.withResolvers<boolean>();
  app.addHook('onRequest', async (_request, reply) => {
    reply.raw.once('close', () => closed.resolve(reply.raw.writableFinished));
  });
  app.get('/whole', async () => bytes);
  app.get('/stream', async (_request, reply) => reply.send(streamOf(bytes)));
  app.get('/late', async () => await late.promise);
  onTestFinished(async () => await app.close());
  const origin = await app.listen({ host: '127.0.0.1', port: 0 });
  const client = connect(Number(new URL(origin).port), '127.0.0.1');
  onTestFinished(() => void client.destroy());
  client.on('error', () => undefined).pause();
  client.write(`GET ${path} HTTP/1.1\r\nhost: a\r\n\r\n`);
  return { client, closed: closed.promise, answerLate: () => late.resolve('at last') };
}

test.each(['/whole', '/stream'])('a reader that takes no byte of %s is cut off', async (path) => {
  const { closed } = await asking(path, 300);
  expect(await closed).toBe(false);
});

test('a slow reader, which takes much longer than that in total, gets everything', async () => {
  const { client, closed } = await asking('/whole', 600);
  let pauses = 0;
  client.on('data', () => {
    if (pauses++ > 2_000) return;
    client.pause();
    setTimeout(() => client.resume(), 1);
  });
  client.resume();
  expect(await closed).toBe(true);
});

test('a reader that waits for an answer is not cut off, however long that takes', async () => {
  const { client, closed, answerLate } = await asking('/late', 60);
  client.resume();
  const from = performance.now();
  while (performance.now() - from < 300) await turn();
  answerLate();
  expect(await closed).toBe(true);
});
