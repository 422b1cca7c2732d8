import { connect, type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

import fastify from 'fastify';
import { expect, onTestFinished, test } from 'vitest';

import { registerBodyDeadline } from './body-deadline.ts';
import { sendProblem } from './send-problem.ts';

async function answerTo(request: string): Promise<string> {
  const app = fastify({ requestTimeout: 0, forceCloseConnections: true });
  registerBodyDeadline(app, 100);
  app.setErrorHandler((error, asked, reply) => sendProblem(error, asked, reply));
  app.route({ method: 'POST', url: '/', handler: async ({ body }) => ({ body }) });
  await app.listen({ host: '127.0.0.1', port: 0 });
  onTestFinished(async () => await app.close());
  const client = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
  onTestFinished(() => void client.destroy());
  client.write(request);
  return await text(client);
}

const head = 'POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-type: application/json; charset=utf-8\r\n';

test('a JSON body that does not arrive is refused, and its connection is closed', async () => {
  expect(await answerTo(`${head}content-length: 100\r\n\r\n{"a":`)).toMatch(/^HTTP\/1\.1 400 [\s\S]*connection: close[\s\S]*The body did not come/);
});

test('one that arrives is accepted', async () => {
  expect(await answerTo(`${head}content-length: 7\r\n\r\n{"a":1}`)).toMatch(/^HTTP\/1\.1 200 [\s\S]*\{"body":\{"a":1\}\}$/);
});
