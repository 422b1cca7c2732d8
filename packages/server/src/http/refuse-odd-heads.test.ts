import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';

import Fastify from 'fastify';
import { expect, onTestFinished, test } from 'vitest';

import { refuseOddHeads } from './refuse-odd-heads.ts';

/** A client that asked for a connection to elsewhere and has read the refusal, and the server's side of its connection. */
async function askForElsewhere(): Promise<{ client: Socket; refused: Socket }> {
  const app = Fastify({ http: { requireHostHeader: false } });
  refuseOddHeads(app, { lastWordsMs: 50 });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { promise: accepted, resolve } = Promise.withResolvers<Socket>();
  app.server.once('connection', resolve);
  const client = connect({ port: (app.server.address() as AddressInfo).port, host: '127.0.0.1', allowHalfOpen: true });
  client.on('error', () => undefined);
  onTestFinished(async () => {
    client.destroy();
    await app.close();
  });
  client.write('CONNECT elsewhere:443 HTTP/1.1\r\nHost: a\r\n\r\n');
  const [answer] = (await once(client, 'data')) as [Buffer];
  expect(answer.toString()).toMatch(/^HTTP\/1\.1 405 /);
  return { client, refused: await accepted };
}

/** Not with `once` of node:events, which hears errors too. */
const closed = async (socket: Socket): Promise<void> => await new Promise((resolve) => (socket.closed ? resolve() : socket.once('close', () => resolve())));

test('a refused CONNECT whose client resets the connection harms nobody else', async () => {
  const { client, refused } = await askForElsewhere();
  expect(refused.listenerCount('error')).toBeGreaterThan(0);
  client.resetAndDestroy();
  await closed(refused);
});

test('a refused CONNECT whose client goes on sending and never ends holds no connection', async () => {
  const { client, refused } = await askForElsewhere();
  client.write('x'.repeat(100_000));
  await closed(refused);
});
