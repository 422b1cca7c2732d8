import http, { type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';

import { afterEach, describe, expect, test } from 'vitest';

import { allowedAddresses } from './allowed-addresses.ts';
import { checkImportUrl, guardedFetch } from './guarded-fetch.ts';
import type { Resolve } from './guarded-request.ts';
import { resumingBody } from './resuming-body.ts';

const servers: http.Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(listener: RequestListener): Promise<string> {
  const server = http.createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A server that answers every request with these bytes. */
async function answering(bytes: string): Promise<string> {
  const address = await serve(() => {});
  servers.at(-1)?.on('connection', (socket) => socket.end(bytes, 'latin1'));
  return address;
}

/** The whole body under an encoding that a server claims. */
async function fetched(encoding: string, body: Buffer): Promise<Buffer> {
  const open = await serve((_request, response) => response.writeHead(200, encoding === '' ? {} : { 'content-encoding': encoding }).end(body));
  const options = optionsFor(open);
  return await buffer(resumingBody(await guardedFetch(new URL(`http://${open}/`), options), options));
}

const optionsFor = (...allowPrivate: string[]) => ({ guard: { allowPrivate, allowHosts: [], denyHosts: [] }, signal: AbortSignal.timeout(20_000) });

describe('fetching from an untrusted URL', () => {
  test('does not follow a redirect to a private address, and never contacts it', async () => {
    let asked = 0;
    const hidden = await serve((_request, response) => {
      asked += 1;
      response.end('secret');
    });
    const open = await serve((_request, response) => response.writeHead(302, { location: `http://${hidden}/` }).end());
    await expect(guardedFetch(new URL(`http://${open}/`), optionsFor(open))).rejects.toMatchObject({ code: 'import_blocked' });
    expect(asked).toBe(0);
  });

  test.each(['file:///etc/passwd', 'ftp://example.com/x', '//169.254.169.254/latest'])('does not follow a redirect to %s', async (location) => {
    const open = await serve((_request, response) => response.writeHead(301, { location }).end());
    await expect(guardedFetch(new URL(`http://${open}/`), optionsFor(open))).rejects.toMatchObject({ code: 'import_blocked' });
  });

  test.each(['http://evil.example/x', 'http://evil.example./x', 'http://EVIL.example:80/x', 'http://evil.example.:8080/x'])(
    'refuses a host that is denied, however it is written: %s',
    (address) => {
      const guard = { allowPrivate: [], allowHosts: [], denyHosts: ['evil.example'] };
      expect(() => checkImportUrl(new URL(address), guard)).toThrow('This collection does not import from');
    },
  );

  test('resolves names itself, and refuses one that resolves to this machine', async () => {
    let asked = 0;
    const address = await serve(() => (asked += 1));
    const port = address.split(':')[1];
    await expect(guardedFetch(new URL(`http://localhost:${port}/`), optionsFor())).rejects.toMatchObject({ code: 'import_blocked' });
    expect(asked).toBe(0);
  });

  test('resolves a name once per connection and connects to that answer: a name that changes in between gains nothing', async () => {
    let asked = 0;
    const address = await serve(() => (asked += 1));
    const answers = ['198.41.0.4', '127.0.0.1'];
    const caller = new AbortController();
    const told: string[] = [];
    const resolve: Resolve = (_name, _options, done) => {
      told.push(answers.at(told.length) ?? '');
      done(null, [{ address: told.at(-1) ?? '', family: 4 }]);
      // The test has no answer for the first address, because it is somebody else's.
      caller.abort(new Error('enough'));
    };
    const rebound = new URL(`http://rebound.example:${address.split(':')[1]}/`);
    await expect(guardedFetch(rebound, { ...optionsFor(), resolve, signal: caller.signal })).rejects.toThrow('aborted');
    expect(told).toEqual(['198.41.0.4']);
    await expect(guardedFetch(rebound, { ...optionsFor(), resolve })).rejects.toMatchObject({ code: 'import_blocked' });
    expect(told).toHaveLength(2);
    expect(asked).toBe(0);
  });

  test('refuses a name if any of its addresses is not public', async () => {
    const resolve: Resolve = (_name, _options, done) =>
      done(null, [
        { address: '198.41.0.4', family: 4 },
        { address: '10.0.0.1', family: 4 },
      ]);
    await expect(guardedFetch(new URL('http://mixed.example/'), { ...optionsFor(), resolve })).rejects.toMatchObject({ code: 'import_blocked' });
  });

  test('gives up on endless redirects, and does not wait for their bodies', async () => {
    const open = await serve((_request, response) => {
      response.writeHead(302, { location: '/again' });
      // A body that never ends.
      response.write('x');
    });
    await expect(guardedFetch(new URL(`http://${open}/`), optionsFor(open))).rejects.toMatchObject({ code: 'import_failed' });
  });

  test('decompresses answers that nobody asked to compress, so that limits count the stored bytes', async () => {
    const open = await serve((_request, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('hello '.repeat(1000))));
    const fetched = await guardedFetch(new URL(`http://${open}/`), optionsFor(open));
    expect((await buffer(fetched.body)).length).toBe(6000);
  });

  const hello = Buffer.from('hello '.repeat(1000));
  test.each([
    ['gzip', gzipSync(hello)],
    ['x-gzip', gzipSync(hello)],
    ['GZIP', gzipSync(hello)],
    ['deflate', deflateSync(hello)],
    ['deflate', deflateRawSync(hello)],
    ['deflate', deflateRawSync(hello, { level: 0 })],
    ['br', brotliCompressSync(hello)],
    ['identity', hello],
    ['', hello],
    ['zstd-of-tomorrow', hello],
    ['aws-chunked', hello],
    ['gzip, gzip', gzipSync(gzipSync(hello))],
    ['gzip, identity, BR', brotliCompressSync(gzipSync(hello))],
    ['deflate,gzip', gzipSync(deflateRawSync(hello))],
    ['gzip, zstd-of-tomorrow', hello],
  ])('reads a body that is packed as %j, and passes an encoding that it does not know through', async (encoding, body) => {
    expect(await fetched(encoding, body)).toEqual(hello);
  });

  const packings: [string, Buffer][] = [
    ['gzip', gzipSync(hello)],
    ['x-gzip', gzipSync(hello)],
    ['deflate', deflateSync(hello)],
    ['br', brotliCompressSync(hello)],
  ];
  const lies = packings.flatMap(([encoding, packed]): [string, string, Buffer][] => {
    return [
      [encoding, 'nothing', Buffer.alloc(0)],
      [encoding, 'something else', Buffer.from('this is not packed at all')],
      [encoding, 'half of it', packed.subarray(0, packed.length >> 1)],
      [encoding, 'junk behind it', Buffer.concat([packed, Buffer.from('junk')])],
      [encoding, 'a lot of junk behind it', Buffer.concat([packed, Buffer.alloc(300_000, 'j')])],
    ];
  });
  test.each([...lies, ['deflate', 'junk behind raw deflate', Buffer.concat([deflateRawSync(hello), Buffer.from('junk')])] as const])(
    'refuses for good what says that it is %s and is %s',
    async (encoding, _what, body) => {
      await expect(fetched(encoding, body)).rejects.toMatchObject({ code: 'import_failed', retryable: false });
    },
  );

  test('does not fail if a badly compressed body is never read, or only later', async () => {
    const open = await serve((_request, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('no gzip'));
    const unread = await guardedFetch(new URL(`http://${open}/`), optionsFor(open));
    await expect.poll(() => unread.body.errored).not.toBeNull();
    const dropped = await guardedFetch(new URL(`http://${open}/`), optionsFor(open));
    dropped.body.destroy();
    await expect.poll(() => dropped.body.closed).toBe(true);
  });

  test('does not take an answer for forbidden because its connection has ended before anybody looked', async () => {
    const broken = await answering(`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\n${'a: b\r\n'.repeat(20_000)}`);
    const { guard, signal } = optionsFor();
    const options = { guard: { ...guard, ...allowedAddresses([], { loopback: true }) }, signal };
    expect((await guardedFetch(new URL(`http://${broken}/`), options)).status).toBe(200);
  });

  test('gives up on a server that announces its answer without end', async () => {
    const announcing = await answering('HTTP/1.1 102 Processing\r\n\r\n'.repeat(100));
    await expect(guardedFetch(new URL(`http://${announcing}/`), optionsFor(announcing))).rejects.toMatchObject({
      code: 'import_failed',
      cause: expect.objectContaining({ message: expect.stringContaining('announced') }),
    });
  });

  test('gives up on a server that switches protocols', async () => {
    const open = await serve(() => {});
    servers[0]?.on('connection', (socket) => socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'));
    await expect(guardedFetch(new URL(`http://${open}/`), optionsFor(open))).rejects.toMatchObject({ code: 'import_failed' });
  });

  test.each([
    ['bare line feeds', 'HTTP/1.1 200 OK\nContent-Length: 5\n\nhello'],
    ['odd bytes in a header', 'HTTP/1.1 200 OK\r\nX-Odd: a\x01b\r\nContent-Length: 5\r\n\r\nhello'],
  ])('reads an answer with %s, as browsers do', async (_what, answer) => {
    const open = await answering(answer);
    const { body } = await guardedFetch(new URL(`http://${open}/`), optionsFor(open));
    expect((await buffer(body)).toString()).toBe('hello');
  });

  test.each([
    ['is no HTTP', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['has a head without end', `HTTP/1.1 200 OK\r\nX-Long: ${'x'.repeat(100_000)}\r\n\r\n`],
    ['says two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello'],
  ])('gives up for good on an answer that %s', async (_what, answer) => {
    const open = await answering(answer);
    await expect(guardedFetch(new URL(`http://${open}/`), optionsFor(open))).rejects.toMatchObject({ code: 'import_failed', retryable: false });
  });

  test('says that a closed port could not be reached', async () => {
    const open = await serve(() => {});
    servers[0]?.close();
    await new Promise((resolve) => servers[0]?.once('close', resolve));
    await expect(guardedFetch(new URL(`http://${open}/`), optionsFor(open))).rejects.toMatchObject({ code: 'import_failed' });
  });
});

describe('a body whose connection breaks', () => {
  const whole = Buffer.from(Array.from({ length: 200_000 }, (_, index) => index % 251));

  /** Sends at most `most` bytes of each answer, then cuts the connection. */
  const cutting =
    (most: number, etag: string, honoursRange: boolean): RequestListener =>
    (request, response) => {
      const start = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
      const resumes = honoursRange && request.headers.range !== undefined && request.headers['if-range'] === etag;
      const rest = resumes ? whole.subarray(start) : whole;
      response.writeHead(resumes ? 206 : 200, {
        etag,
        'accept-ranges': 'bytes',
        'content-length': rest.length,
        ...(resumes ? { 'content-range': `bytes ${start}-${whole.length - 1}/${whole.length}` } : {}),
      });
      if (rest.length <= most) return response.end(rest);
      return response.write(rest.subarray(0, most), () => setImmediate(() => response.destroy()));
    };

  test('continues where it stopped if the server can', async () => {
    const open = await serve(cutting(60_000, '"v1"', true));
    const options = optionsFor(open);
    const body = resumingBody(await guardedFetch(new URL(`http://${open}/`), options), options);
    expect((await buffer(body)).equals(whole)).toBe(true);
  });

  test('is not combined from two versions of a file', async () => {
    const open = await serve(cutting(60_000, '"v1"', false));
    const options = optionsFor(open);
    const body = resumingBody(await guardedFetch(new URL(`http://${open}/`), options), options);
    await expect(buffer(body)).rejects.toMatchObject({ code: 'import_failed' });
  });

  test('fails if the server has only a weak ETag', async () => {
    const open = await serve(cutting(60_000, 'W/"v1"', true));
    const options = optionsFor(open);
    const body = resumingBody(await guardedFetch(new URL(`http://${open}/`), options), options);
    await expect(buffer(body)).rejects.toMatchObject({ code: 'import_failed' });
  });
});
