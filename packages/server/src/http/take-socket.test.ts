import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { expect, onTestFinished, test } from 'vitest';

import { takeSocket, writeLastHead } from './take-socket.ts';

type Serve = (request: IncomingMessage, answer: ServerResponse) => Promise<void>;

/** A client's connection to a server, and what came on it. */
async function connectTo(serve: Serve): Promise<{ socket: Socket; got(): string }> {
  const server = createServer((request, answer) => void serve(request, answer).catch((error: unknown) => answer.destroy(error as Error)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  let got = '';
  socket
    .setEncoding('latin1')
    .on('data', (text: string) => (got += text))
    .on('error', () => undefined);
  onTestFinished(async () => {
    socket.destroy();
    server.close();
    await once(server, 'close');
  });
  return { socket, got: () => got };
}

const ask = 'GET / HTTP/1.1\r\nhost: x\r\n\r\n';

async function takeAfterHead(answer: ServerResponse): Promise<Socket> {
  writeLastHead(answer, 200, { 'content-type': 'text/plain' });
  answer.write('one ');
  return await takeSocket(answer);
}

test('the body of an answer goes on after its request has ended, and ends with the connection', async () => {
  const { promise: taken, resolve } = Promise.withResolvers<Socket>();
  const client = await connectTo(async (_request, answer) => resolve(await takeAfterHead(answer)));
  client.socket.write(ask);
  const socket = await taken;
  socket.write('two ');
  await expect.poll(client.got).toMatch(/two $/);
  socket.end('three');
  await once(client.socket, 'end');
  const [head = '', body] = client.got().split('\r\n\r\n');
  expect(body).toBe('one two three');
  expect(head.toLowerCase()).toContain('\r\nconnection: close');
  expect(head.toLowerCase()).not.toMatch(/transfer-encoding|content-length/);
});

test('an open connection holds neither the parser of its request, nor the request, nor the answer', async () => {
  const { promise: taken, resolve } = Promise.withResolvers<{ socket: Socket; rest: WeakRef<object>[] }>();
  const client = await connectTo(async (request, answer) => {
    const rest = [request, answer].map((one) => new WeakRef(one));
    resolve({ socket: await takeAfterHead(answer), rest });
  });
  client.socket.write(ask);
  const { socket, rest } = await taken;
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  expect(socket).toMatchObject({ parser: null });
  await expect
    .poll(() => {
      collect();
      return rest.map((one) => one.deref() === undefined);
    })
    .toEqual([true, true]);
  socket.write('two ');
  await expect.poll(client.got).toMatch(/one two $/);
});

test('the server hears that a client has gone, also one that only ends its side', async () => {
  for (const leave of [(socket: Socket) => socket.destroy(), (socket: Socket) => socket.end()]) {
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    const client = await connectTo(async (_request, answer) => void (await takeAfterHead(answer)).once('close', resolve));
    client.socket.write(ask);
    await expect.poll(client.got).toMatch(/one $/);
    leave(client.socket);
    await closed;
  }
});

test('an answer whose client has gone before gives no connection', async () => {
  const { promise: outcome, resolve } = Promise.withResolvers<unknown>();
  const client = await connectTo(async (_request, answer) => {
    client.socket.destroy();
    await once(answer, 'close');
    resolve(await takeSocket(answer).catch((error: unknown) => error));
  });
  client.socket.write(ask);
  expect(await outcome).toMatchObject({ code: 'ERR_STREAM_PREMATURE_CLOSE' });
});

test('a stream that is asked for behind another request in one packet begins after its answer', async () => {
  let asked = 0;
  const client = await connectTo(async (_request, answer) => {
    asked += 1;
    if (asked === 1) setImmediate(() => answer.end('first'));
    else (await takeAfterHead(answer)).write('two ');
  });
  client.socket.write(ask.repeat(2));
  await expect.poll(client.got).toMatch(/first.*one two $/s);
});

test('a connection on which a request waits behind the stream is closed: it could not be answered', async () => {
  const client = await connectTo(async (_request, answer) => void (await takeAfterHead(answer)));
  client.socket.write(ask.repeat(2));
  await once(client.socket, 'close');
  expect(client.got()).toMatch(/one $/);
});
