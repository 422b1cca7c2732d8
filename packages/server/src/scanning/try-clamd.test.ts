import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { temporaryDirectory } from '../../test/support/temporary-directory.ts';
import type { ClamdAddress } from './ask-clamd.ts';
import { tryClamd } from './try-clamd.ts';

const never = new AbortController().signal;

async function warnedOf(address: ClamdAddress, signal = never, silenceMs = 5_000): Promise<unknown[]> {
  const warned: unknown[] = [];
  await tryClamd({ address, silenceMs }, { log: { warn: (facts: unknown) => void warned.push(facts) }, signal });
  return warned;
}

async function listening(answer: string | null): Promise<{ host: string; port: number }> {
  const server = createServer((socket) => void socket.on('error', () => undefined).once('data', () => answer !== null && socket.end(answer)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
}

test('a clamd that answers at the start is not told of', async () => {
  expect(await warnedOf(await listening('PONG\0'))).toEqual([]);
});

test('a clamd that is away at the start is named in the log, and so is one that is silent', async () => {
  const away = path.join(await temporaryDirectory(), 'clamd.sock');
  expect(await warnedOf({ path: away })).toEqual([expect.objectContaining({ clamd: away, err: expect.any(Error) })]);
  const silent = await listening(null);
  expect(await warnedOf(silent, never, 50)).toEqual([expect.objectContaining({ clamd: `127.0.0.1:${silent.port}` })]);
});

test('a process that stops meanwhile says nothing of its clamd', async () => {
  const stops = new AbortController();
  const warned = warnedOf(await listening(null), stops.signal);
  stops.abort();
  expect(await warned).toEqual([]);
});
