import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import path from 'node:path';
import { Readable } from 'node:stream';

import { describe, expect, onTestFinished, test } from 'vitest';

import { temporaryDirectory } from '../../test/support/temporary-directory.ts';
import { askClamd } from './ask-clamd.ts';
import { createClamdScanner } from './create-clamd-scanner.ts';

const signal = new AbortController().signal;

/** A server with clamd's protocol: reads one command, and for INSTREAM its chunks to their end, then answers as it is told. */
async function speaker(
  says: (received: { command: string; bytes: Buffer; socket: Socket }) => string | null,
  listen: { path: string } | { port: 0 } = { port: 0 },
): Promise<{ host: string; port: number } & { server: Server }> {
  const server = createServer((socket) => {
    let all = Buffer.alloc(0);
    socket
      .on('error', () => undefined)
      .on('data', (chunk: Buffer) => {
        all = Buffer.concat([all, chunk]);
        const end = all.indexOf(0);
        if (end < 0) return;
        const command = all.subarray(1, end).toString();
        const bytes = command === 'INSTREAM' ? dechunk(all.subarray(end + 1)) : Buffer.alloc(0);
        if (bytes === null) return;
        const answer = says({ command, bytes, socket });
        if (answer !== null) socket.end(`${answer}\0`);
      });
  }).listen('path' in listen ? listen : { ...listen, host: '127.0.0.1' });
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const bound = server.address();
  return { host: '127.0.0.1', port: typeof bound === 'string' ? 0 : (bound as AddressInfo).port, server };
}

/** The bytes of all chunks once the empty one has arrived; null before. */
function dechunk(framed: Buffer): Buffer | null {
  const chunks: Buffer[] = [];
  for (let at = 0; at + 4 <= framed.length;) {
    const length = framed.readUInt32BE(at);
    if (length === 0) return Buffer.concat(chunks);
    chunks.push(framed.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return null;
}

const scanAt = (address: { host: string; port: number } | { path: string }, options: { silenceMs?: number; maxBytes?: number } = {}) =>
  createClamdScanner({ address: 'path' in address ? address : { host: address.host, port: address.port }, silenceMs: 5000, maxBytes: 10_000_000, ...options });

describe('scanning a stream with clamd', () => {
  test('sends every byte once, in order, and returns the result', async () => {
    const bytes = Buffer.from(Uint32Array.from({ length: 500_000 }, (_, index) => Math.imul(index, 2_654_435_761)).buffer);
    let seen = Buffer.alloc(0);
    const clean = await speaker(({ bytes: received }) => ((seen = Buffer.from(received)), 'stream: OK'));
    const pieces = Array.from({ length: 40 }, (_, index) => bytes.subarray(index * 50_000, (index + 1) * 50_000));
    expect(await scanAt(clean)(Readable.from(pieces), { signal })).toEqual({ found: null });
    expect(seen.equals(bytes)).toBe(true);
    const infected = await speaker(() => 'stream: Win.Test.EICAR_HDB-1 FOUND');
    expect(await scanAt(infected)(Readable.from([bytes]), { signal })).toEqual({ found: 'Win.Test.EICAR_HDB-1' });
  });

  test('scans the rest after an empty chunk', async () => {
    let seen = '';
    const all = await speaker(({ bytes }) => ((seen = bytes.toString()), 'stream: OK'));
    await scanAt(all)(Readable.from([Buffer.from('a'), Buffer.alloc(0), Buffer.from('b')]), { signal });
    expect(seen).toBe('ab');
  });

  test('speaks over a Unix socket as well', async () => {
    const socketPath = path.join(await temporaryDirectory(), 'clamd.sock');
    await speaker(() => 'stream: OK', { path: socketPath });
    expect(await scanAt({ path: socketPath })(Readable.from([Buffer.from('a')]), { signal })).toEqual({ found: null });
  });

  test.each([
    ['what was only looked at in part', 'stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND', 'resource_limit', false],
    ['a stream that is longer than clamd takes', 'INSTREAM size limit exceeded. ERROR', 'resource_limit', false],
    ['an error of clamd', 'stream: Can’t allocate memory ERROR', 'unavailable', true],
    ['nonsense', 'HTTP/1.1 200 OK', 'unavailable', true],
  ])('never takes %s for clean', async (_what, answer, code, retryable) => {
    await expect(scanAt(await speaker(() => answer))(Readable.from([Buffer.from('a')]), { signal })).rejects.toMatchObject({ code, retryable });
  });

  test('accepts an answer before the end of a stream, and sends no more', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined).once('data', () => socket.write('INSTREAM size limit exceeded. ERROR\0'));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    let sent = 0;
    const endless = Readable.from(
      (function* () {
        for (;;) yield (((sent += 65_536), Buffer.alloc(65_536)));
      })(),
    );
    await expect(scanAt({ host: '127.0.0.1', port }, { maxBytes: Number.MAX_SAFE_INTEGER })(endless, { signal })).rejects.toMatchObject({
      code: 'resource_limit',
    });
    await expect.poll(() => endless.destroyed).toBe(true);
    expect(sent).toBeLessThan(2 ** 30);
  });

  test('refuses a file that is larger than the limit, whatever clamd would say', async () => {
    const scan = scanAt(await speaker(() => 'stream: OK'), { maxBytes: 100 });
    await expect(scan(Readable.from([Buffer.alloc(101)]), { signal })).rejects.toMatchObject({ code: 'file_too_large' });
    expect(await scan(Readable.from([Buffer.alloc(100)]), { signal })).toEqual({ found: null });
  });

  test('reports a retryable error if clamd is away, closes without an answer, or is silent', async () => {
    const away = await speaker(() => null);
    away.server.close();
    await once(away.server, 'close');
    const rude = await speaker(({ socket }) => (socket.destroy(), null));
    const silent = await speaker(() => null);
    for (const [address, silenceMs] of [
      [away, 5000],
      [{ path: path.join(await temporaryDirectory(), 'nobody.sock') }, 5000],
      [rude, 5000],
      [silent, 50],
    ] as const) {
      await expect(scanAt(address, { silenceMs })(Readable.from([Buffer.from('a')]), { signal })).rejects.toMatchObject({
        code: 'unavailable',
        retryable: true,
      });
    }
  });

  test('ends when its caller aborts', async () => {
    const silent = await speaker(() => null);
    const caller = new AbortController();
    const body = Readable.from([Buffer.from('a')]);
    const scanning = scanAt(silent)(body, { signal: caller.signal });
    caller.abort(new Error('the caller has gone'));
    await expect(scanning).rejects.toThrow('the caller has gone');
    expect(body.destroyed).toBe(true);
  });
});

test('a command without a body is answered immediately', async () => {
  const address = await speaker(({ command }) => (command === 'PING' ? 'PONG' : 'UNKNOWN COMMAND'));
  expect(await askClamd({ address: { host: address.host, port: address.port }, command: 'PING', silenceMs: 5000, signal })).toBe('PONG');
});
