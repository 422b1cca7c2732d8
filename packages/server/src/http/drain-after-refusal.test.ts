import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';

import fastify from 'fastify';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';

import { endDraining, drainAfterRefusal } from './drain-after-refusal.ts';

/** A server that refuses every body before reading any of it. */
async function refusing() {
  const app = fastify({ forceCloseConnections: true });
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
  const answered = Promise.withResolvers<Socket>();
  app.route({
    method: 'POST',
    url: '/',
    handler: async (request, reply) => {
      drainAfterRefusal(request);
      reply.raw.once('finish', () => answered.resolve(request.raw.socket));
      return reply.header('connection', 'close').code(409).send('refused');
    },
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  onTestFinished(async () => await app.close());
  const client = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
  onTestFinished(() => void client.destroy());
  const failures: unknown[] = [];
  client.on('error', (error) => failures.push(error));
  // The answer stays unread until the test reads it.
  client.pause();
  client.write('POST / HTTP/1.1\r\nhost: a\r\ncontent-type: a/b\r\ncontent-length: 5000000\r\n\r\n');
  return { app, client, failures, socket: await answered.promise };
}

async function readAll(client: Socket): Promise<string> {
  let text = '';
  client.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  client.resume();
  await once(client, 'end');
  return text;
}

afterEach(() => void vi.useRealTimers());

describe('a refusal before the body was read', () => {
  test('is read completely by a client that sends its body first', async () => {
    const { client, failures } = await refusing();
    await new Promise((resolve) => client.write(Buffer.alloc(5_000_000), resolve));
    expect(await readAll(client)).toMatch(/^HTTP\/1\.1 409 [\s\S]*refused$/);
    expect(failures).toEqual([]);
  });

  test('waits for a client that was busy, but not for ever', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval', 'clearTimeout', 'clearInterval'] });
    const { client, socket } = await refusing();
    vi.advanceTimersByTime(9_000);
    expect(socket.destroyed).toBe(false);
    const read = socket.bytesRead;
    client.write(Buffer.alloc(1000));
    vi.useRealTimers();
    await expect.poll(() => socket.bytesRead).toBeGreaterThan(read);
  });

  test('is not waited for any longer if the client stays silent', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval', 'clearTimeout', 'clearInterval'] });
    const { socket } = await refusing();
    vi.advanceTimersByTime(10_000);
    expect(socket.destroyed).toBe(true);
  });

  test('does not delay a server that shuts down', async () => {
    const { app, socket } = await refusing();
    endDraining(app.server);
    expect(socket.destroyed).toBe(true);
    // A refusal during the shutdown does not either; its silent client would never end here.
    vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval', 'clearTimeout', 'clearInterval'] });
    const { promise: accepted, resolve } = Promise.withResolvers<Socket>();
    app.server.once('connection', resolve);
    const late = connect((app.server.address() as AddressInfo).port, '127.0.0.1').on('error', () => undefined);
    onTestFinished(() => void late.destroy());
    late.write('POST / HTTP/1.1\r\nhost: a\r\ncontent-type: a/b\r\ncontent-length: 5000000\r\n\r\n');
    await once(await accepted, 'close');
  });
});
