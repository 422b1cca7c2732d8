import { randomUUID } from 'node:crypto';

import { describe, expect, test } from 'vitest';

import { ask, endedJob, expectProblem, needsUsers, newUser, nextServer, settled, target, type Answer } from './support/api.ts';
import { smallPicture } from './support/pictures.ts';
import {
  answerTo,
  anyFile,
  aPhoto,
  begin,
  checksum,
  create,
  hang,
  head,
  metadata,
  octets,
  offsetOf,
  patch,
  someBytes,
  tus,
  uploadIdOf,
} from './support/tus.ts';

const upload = async (url: string, token?: string): Promise<Answer['body']> =>
  (await ask('GET', `/uploads/${uploadIdOf(url)}`, token === undefined ? {} : { token })).body.upload;
const mebibyte = 2 ** 20;

/** The bytes as they are delivered once the upload has been finalized. */
async function delivered(url: string): Promise<Buffer> {
  const { jobId, assetId } = await upload(url);
  await endedJob(jobId);
  return (await ask('GET', `//download/${assetId}`)).bytes;
}

describe('the protocol of tus', () => {
  test('is announced without requiring a version or a token', async () => {
    const answer = await tus('OPTIONS', '', { token: null, headers: { 'tus-resumable': undefined } });
    expect(answer.status).toBe(204);
    expect(answer.headers.get('tus-version')).toBe('1.0.0');
    expect(answer.headers.get('tus-extension')?.split(',').toSorted()).toEqual([
      'checksum',
      'concatenation',
      'creation',
      'creation-defer-length',
      'creation-with-upload',
      'expiration',
      'termination',
    ]);
    expect(answer.headers.get('tus-checksum-algorithm')).toContain('sha1');
    expect(Number(answer.headers.get('tus-max-size'))).toBeGreaterThan(0);
  });

  test.each([undefined, '0.2.2', '1.0.1'])('refuses the version %s and says which it speaks', async (version) => {
    const url = await create(5);
    for (const [method, path] of [
      ['POST', ''],
      ['HEAD', url],
      ['PATCH', url],
      ['DELETE', url],
    ] as const) {
      const answer = await tus(method, path, { headers: { 'tus-resumable': version } });
      expect(answer.status).toBe(412);
      expect(answer.headers.get('tus-version')).toBe('1.0.0');
    }
  });

  test('answers its version with everything, even refusals', async () => {
    const url = await create(5);
    for (const answer of [await head(url), await patch(url, 3, 'x'), await tus('GET', `/${randomUUID()}`, { headers: { 'tus-resumable': undefined } })].slice(
      0,
      2,
    ))
      expect(answer.headers.get('tus-resumable')).toBe('1.0.0');
  });

  test('lets browsers read every header that a client needs', async () => {
    const url = await create(5, anyFile(), { headers: { origin: 'https://shop.example' } });
    const answer = await head(url, { headers: { origin: 'https://shop.example' } });
    const exposed = (answer.headers.get('access-control-expose-headers') ?? '').toLowerCase().split(', ');
    for (const name of [
      'upload-offset',
      'upload-length',
      'upload-expires',
      'location',
      'tus-resumable',
      'tus-version',
      'tus-extension',
      'tus-max-size',
      'upload-metadata',
      'upload-concat',
      'upload-defer-length',
    ])
      expect(exposed).toContain(name);
    const preflight = await tus('OPTIONS', url, {
      token: null,
      headers: {
        'tus-resumable': undefined,
        origin: 'https://shop.example',
        'access-control-request-method': 'PATCH',
        'access-control-request-headers': 'authorization, content-type, tus-resumable, upload-offset, upload-checksum',
      },
    });
    expect(preflight.headers.get('access-control-allow-methods')).toContain('PATCH');
    expect(preflight.headers.get('access-control-allow-headers')).toContain('upload-checksum');
  });

  test('honours X-HTTP-Method-Override', async () => {
    const url = await create(5);
    const patched = await tus('POST', url, { body: 'hello', headers: { 'x-http-method-override': 'PATCH', 'content-type': octets, 'upload-offset': '0' } });
    expect({ status: patched.status, offset: patched.headers.get('upload-offset') }).toEqual({ status: 204, offset: '5' });
    const other = await create(5);
    expect((await tus('POST', other, { headers: { 'x-http-method-override': 'DELETE' } })).status).toBe(204);
    expect((await tus('POST', other, { headers: { 'x-http-method-override': 'PUT' } })).status).toBe(400);
  });

  test('gives URLs that lead back to this server, whatever an untrusted client forwards', async () => {
    const server = nextServer();
    const answer = await tus('POST', '', {
      server,
      headers: {
        'upload-length': '1',
        'upload-metadata': metadata(anyFile()),
        'x-forwarded-host': 'evil.example',
        'x-forwarded-proto': 'https',
        forwarded: 'host=evil.example;proto=https',
      },
    });
    expect(answer.headers.get('location')).toMatch(new RegExp(`^${server}/v1/uploads/tus/[0-9a-f-]{36}$`));
  });
});

describe('creating an upload', () => {
  test('answers the URL and the expiry, and HEAD repeats the metadata', async () => {
    const values = anyFile('Grüße "1".bin');
    const answer = await tus('POST', '', { headers: { 'upload-length': '11', 'upload-metadata': metadata(values) } });
    expect(answer.status).toBe(201);
    expect(Date.parse(answer.headers.get('upload-expires') ?? '')).toBeGreaterThan(Date.now());
    const told = await head(answer.headers.get('location') ?? '');
    expect(told.status).toBe(200);
    expect(Object.fromEntries(told.headers)).toMatchObject({
      'cache-control': 'no-store',
      'upload-offset': '0',
      'upload-length': '11',
      'upload-metadata': metadata(values),
    });
    expect(await upload(answer.headers.get('location') ?? '')).toMatchObject({
      protocol: 'tus',
      state: 'open',
      byteSize: 11,
      offset: 0,
      filename: 'Grüße "1".bin',
    });
  });

  test.each([
    ['neither a length nor a deferred one', {}],
    ['both', { 'upload-length': '3', 'upload-defer-length': '1' }],
    ['a deferral other than 1', { 'upload-defer-length': '2' }],
    ['a negative length', { 'upload-length': '-1' }],
    ['a length that is no number', { 'upload-length': '5abc' }],
    ['a length beyond counting', { 'upload-length': '99999999999999999999' }],
    ['an empty length', { 'upload-length': '' }],
  ])('with %s is refused', async (_what, headers) => {
    expectProblem(await tus('POST', '', { headers: { 'upload-metadata': metadata(anyFile()), ...headers } }), 400, 'invalid_request');
  });

  test.each([
    ['a key twice', `collection ${btoa('product.files')},collection ${btoa('listing.photos')}`],
    ['no base64', 'collection ?'],
    ['a key alone after a comma', 'collection cHJvZHVjdC5maWxlcw==,,'],
    ['a zero character', metadata({ ...anyFile(), altText: 'a\0b' })],
    ['an unknown collection', metadata({ collection: 'nothing' })],
    ['a type with a line break', metadata({ ...anyFile(), filetype: 'image/png\r\nx-evil: 1' })],
  ])('with metadata that has %s is refused', async (_what, header) => {
    expectProblem(await tus('POST', '', { headers: { 'upload-length': '3', 'upload-metadata': header } }), 400, 'invalid_request');
  });

  test('keeps a malicious name in its directory', async () => {
    const url = await create(5, anyFile('../../../../etc/passwd\r\nset-cookie: a=b'));
    expect((await patch(url, 0, 'hello')).status).toBe(204);
    const { filename } = await upload(url);
    expect(filename).not.toMatch(/[/\\\r\n]|\.\./);
    expect(await delivered(url)).toEqual(Buffer.from('hello'));
  });

  test('is refused by the rules of the collection before a byte has moved', async () => {
    expectProblem(await tus('POST', '', { headers: { 'upload-length': String(2 ** 40), 'upload-metadata': metadata(aPhoto()) } }), 413, 'file_too_large');
    expectProblem(
      await tus('POST', '', { headers: { 'upload-length': '10', 'upload-metadata': metadata({ ...aPhoto(), filetype: 'application/pdf' }) } }),
      415,
      'unsupported_type',
    );
    expectProblem(await tus('POST', '', { token: null, headers: { 'upload-length': '10', 'upload-metadata': metadata(aPhoto()) } }), 401, 'unauthenticated');
  });

  test('takes the first bytes along', async () => {
    const answer = await tus('POST', '', { body: 'hello', headers: { 'upload-length': '11', 'upload-metadata': metadata(anyFile()), 'content-type': octets } });
    expect({ status: answer.status, offset: answer.headers.get('upload-offset') }).toEqual({ status: 201, offset: '5' });
    const url = answer.headers.get('location') ?? '';
    expect((await patch(url, 5, ' world')).headers.get('upload-offset')).toBe('11');
    expect(await delivered(url)).toEqual(Buffer.from('hello world'));
  });

  test('takes all bytes along', async () => {
    const bytes = await smallPicture();
    const answer = await tus('POST', '', {
      body: bytes,
      headers: { 'upload-length': String(bytes.length), 'upload-metadata': metadata(aPhoto()), 'content-type': octets },
    });
    expect(answer.status).toBe(201);
    const { assetId } = await upload(answer.headers.get('location') ?? '');
    expect(await settled(assetId)).toMatchObject({ status: 'ready', byteSize: bytes.length, originalFileName: 'photo.jpg' });
  });

  test.skipIf(needsUsers !== null)(
    `leaves nothing behind if its bytes come compressed or with an unknown checksum (${needsUsers ?? 'needs users'})`,
    async () => {
      const { token } = await newUser();
      for (const headers of [{ 'content-encoding': 'gzip' }, { 'upload-checksum': 'md4 AAAA' }]) {
        const told = { 'upload-length': '5', 'upload-metadata': metadata(anyFile()), 'content-type': octets, ...headers };
        const answer = await tus('POST', '', { token, body: someBytes(5), headers: told });
        expectProblem(answer, 400, 'invalid_request');
      }
      expect((await ask('GET', '/uploads?state=open', { token })).body.uploads).toEqual([]);
    },
  );

  test('of no bytes completes once, and is refused as an empty file', async () => {
    const url = await create(0);
    expect((await head(url)).headers.get('upload-offset')).toBe('0');
    expect(await upload(url)).toMatchObject({ state: 'failed', offset: 0, byteSize: 0, failure: { code: 'empty_file' } });
    expect((await patch(url, 0, '')).status).toBe(204);
    expect(await upload(url)).toMatchObject({ state: 'failed' });
  });
});

describe('a deferred length', () => {
  test('is set once, with the last bytes or without any', async () => {
    const url = await create(null);
    expect((await head(url)).headers.get('upload-defer-length')).toBe('1');
    expect((await patch(url, 0, 'hello')).status).toBe(204);
    expect((await upload(url)).state).toBe('open');
    expect((await patch(url, 5, ' world', { headers: { 'upload-length': '11' } })).headers.get('upload-offset')).toBe('11');
    expect(await delivered(url)).toEqual(Buffer.from('hello world'));
    const other = await create(null);
    await patch(other, 0, 'hello');
    expect((await patch(other, 5, '', { headers: { 'upload-length': '5' } })).status).toBe(204);
    expect(await delivered(other)).toEqual(Buffer.from('hello'));
    expectProblem(await patch(other, 5, '', { headers: { 'upload-length': '6' } }), 400, 'invalid_request');
  });

  test('is never below the received bytes, never changed, never above the limit', async () => {
    const url = await create(null);
    await patch(url, 0, 'hello');
    expectProblem(await patch(url, 5, '', { headers: { 'upload-length': '4' } }), 400, 'invalid_request');
    expect((await patch(url, 5, '', { headers: { 'upload-length': '9' } })).status).toBe(204);
    expect((await head(url)).headers.get('upload-length')).toBe('9');
    expect((await head(url)).headers.get('upload-defer-length')).toBeNull();
    expectProblem(await patch(url, 5, '', { headers: { 'upload-length': '8' } }), 400, 'invalid_request');
    const photo = await create(null, aPhoto());
    expectProblem(await patch(photo, 0, '', { headers: { 'upload-length': String(2 ** 40) } }), 413, 'file_too_large');
  });
});

describe('a PATCH', () => {
  test('of another content type is refused', async () => {
    const url = await create(5);
    for (const type of ['application/octet-stream', 'application/json', 'text/plain', 'multipart/form-data; boundary=x', undefined]) {
      expectProblem(await patch(url, 0, 'hello', { headers: { 'content-type': type } }), 415, 'unsupported_type');
    }
    expect(await offsetOf(url)).toBe(0);
  });

  test.each(['-1', '5abc', '', '1.5', '0x0', undefined])('with the offset %s is not valid', async (offset) => {
    const url = await create(5);
    expectProblem(await patch(url, 0, 'hello', { headers: { 'upload-offset': offset } }), 400, 'invalid_request');
  });

  test('at a wrong offset is refused with the right one, and writes nothing', async () => {
    const url = await create(11);
    await patch(url, 0, 'hello');
    for (const offset of [0, 4, 6, 11]) {
      const answer = await patch(url, offset, 'xxxxxx');
      expectProblem(answer, 409, 'conflict');
      expect(answer.headers.get('upload-offset')).toBe('5');
    }
    await patch(url, 5, ' world');
    expect(await delivered(url)).toEqual(Buffer.from('hello world'));
  });

  test('beyond the length is refused at once if it declares so, and otherwise keeps what fits', async () => {
    const url = await create(5);
    expectProblem(await patch(url, 0, 'hello world'), 413, 'file_too_large');
    expect(await offsetOf(url)).toBe(0);
    const chunked = begin('PATCH', url, { headers: { 'content-type': octets, 'upload-offset': '0' } });
    const answer = answerTo(chunked);
    chunked.write('hel');
    chunked.end('lo world');
    expectProblem(await answer, 413, 'file_too_large');
    expect(await offsetOf(url)).toBe(5);
    expect(await delivered(url)).toEqual(Buffer.from('hello'));
  });

  test('beyond the end of a complete upload is refused too, whether it declares its bytes or not', async () => {
    const url = await create(5);
    await patch(url, 0, 'hello');
    const chunked = begin('PATCH', url, { headers: { 'content-type': octets, 'upload-offset': '5' } });
    const undeclared = answerTo(chunked);
    chunked.end('!');
    for (const answer of [await patch(url, 5, '!'), await undeclared]) {
      expectProblem(answer, 413, 'file_too_large');
      expect(answer.headers.get('upload-offset')).toBe('5');
    }
    expect((await patch(url, 5, '')).status).toBe(204);
    expect(await delivered(url)).toEqual(Buffer.from('hello'));
  });

  test('in many small pieces makes the whole', async () => {
    const bytes = someBytes(40_000);
    const url = await create(bytes.length);
    let offset = 0;
    for (const size of [1, 10, 100, 1000, 7, 20_000, 5, 18_877]) {
      expect((await patch(url, offset, bytes.subarray(offset, offset + size))).headers.get('upload-offset')).toBe(String(offset + size));
      offset += size;
      expect(await offsetOf(url)).toBe(offset);
    }
    expect(offset).toBe(bytes.length);
    expect((await delivered(url)).equals(bytes)).toBe(true);
  });

  test('larger than the stored parts makes the whole', async () => {
    const bytes = someBytes(13 * mebibyte + 1);
    const url = await create(bytes.length);
    expect((await patch(url, 0, bytes.subarray(0, 9 * mebibyte))).headers.get('upload-offset')).toBe(String(9 * mebibyte));
    expect((await patch(url, 9 * mebibyte, bytes.subarray(9 * mebibyte))).headers.get('upload-offset')).toBe(String(bytes.length));
    expect((await delivered(url)).equals(bytes)).toBe(true);
  });

  test('whose answer was lost can be queried and sent again, and its consequences happen once', async () => {
    const bytes = await smallPicture();
    const url = await create(bytes.length, aPhoto());
    const { request } = await hang(url, 0, bytes.length, bytes);
    request.end();
    request.once('response', () => request.destroy());
    await expect.poll(() => offsetOf(url), { timeout: 15_000 }).toBe(bytes.length);
    const again = await patch(url, 0, bytes);
    expectProblem(again, 409, 'conflict');
    expect(again.headers.get('upload-offset')).toBe(String(bytes.length));
    expect((await patch(url, bytes.length, '')).status).toBe(204);
    const { assetId, jobId } = await upload(url);
    await settled(assetId);
    expect(await upload(url)).toMatchObject({ state: 'complete', assetId, jobId });
    const { body } = await ask('GET', `/jobs?assetId=${assetId}`);
    expect(body.jobs.filter(({ type }: { type: string }) => type === 'finalize')).toHaveLength(1);
  });

  test('of a file with false content ends in a failure that its client can see', async () => {
    const bytes = Buffer.from('<!doctype html><title>This is no photo</title>');
    const url = await create(bytes.length, aPhoto());
    await patch(url, 0, bytes);
    await expect.poll(async () => (await upload(url)).state, { timeout: 30_000 }).toBe('failed');
    expect(await upload(url)).toMatchObject({ failure: { code: 'type_mismatch', message: expect.stringMatching(/\.$/) } });
  });
});

describe('a checksum', () => {
  test.each(['sha1', 'sha256', 'md5'])('by %s that matches lets the bytes in', async (algorithm) => {
    const bytes = someBytes(1000);
    const url = await create(bytes.length);
    expect((await patch(url, 0, bytes, { headers: { 'upload-checksum': checksum(bytes, algorithm) } })).status).toBe(204);
    expect((await delivered(url)).equals(bytes)).toBe(true);
  });

  test('that does not match leaves everything as it was, at any size and offset', async () => {
    const bytes = someBytes(9 * mebibyte);
    const url = await create(bytes.length);
    const begun = 3 * mebibyte + 5;
    await patch(url, 0, bytes.subarray(0, 5));
    await patch(url, 5, bytes.subarray(5, begun));
    for (const end of [begun + 3, begun + 5 * mebibyte, bytes.length]) {
      const wrong = Buffer.from(bytes.subarray(begun, end));
      wrong[0] = (wrong[0] ?? 0) ^ 1;
      const answer = await patch(url, begun, wrong, { headers: { 'upload-checksum': checksum(bytes.subarray(begun, end)) } });
      expect({ status: answer.status, code: answer.body.code, offset: answer.headers.get('upload-offset') }).toEqual({
        status: 460,
        code: 'checksum_mismatch',
        offset: String(begun),
      });
      expect(await offsetOf(url)).toBe(begun);
    }
    const rest = bytes.subarray(begun);
    expect((await patch(url, begun, rest, { headers: { 'upload-checksum': checksum(rest) } })).status).toBe(204);
    expect((await delivered(url)).equals(bytes)).toBe(true);
  });

  test.each(['crc32 AAAA', 'sha1', 'sha1 ???', ''])('written as "%s" is not valid', async (header) => {
    const url = await create(5);
    expectProblem(await patch(url, 0, 'hello', { headers: { 'upload-checksum': header } }), 400, 'invalid_request');
    expect(await offsetOf(url)).toBe(0);
  });

  test('of a body that was cut off keeps nothing of it', async () => {
    const bytes = someBytes(100_000);
    const url = await create(bytes.length);
    const { request } = await hang(url, 0, bytes.length, bytes.subarray(0, 50_000), { headers: { 'upload-checksum': checksum(bytes) } });
    await new Promise((resolve) => request.write('', resolve));
    request.destroy();
    await expect.poll(async () => (await patch(url, 0, bytes, { headers: { 'upload-checksum': checksum(bytes) } })).status, { timeout: 15_000 }).toBe(204);
    expect((await delivered(url)).equals(bytes)).toBe(true);
  });
});

describe('a connection that is cut', () => {
  test.each([1, 1000, 4 * mebibyte - 1, 4 * mebibyte, 4 * mebibyte + 1, 9 * mebibyte])(
    'after %i bytes leaves an offset that is true, and never moves it back',
    async (cut) => {
      const bytes = someBytes(10 * mebibyte);
      const url = await create(bytes.length);
      const { request } = await hang(url, 0, bytes.length, bytes.subarray(0, cut));
      const seen: number[] = [];
      await expect.poll(async () => seen.push(await offsetOf(url)) > 0 && (seen.at(-1) ?? 0) > 0, { timeout: 15_000 }).toBe(true);
      request.destroy();
      for (let round = 0; round < 3; round += 1) seen.push(await offsetOf(url));
      expect(seen).toEqual(seen.toSorted((a, b) => a - b));
      const offset = seen.at(-1) ?? 0;
      expect(offset).toBeLessThanOrEqual(cut);
      expect((await patch(url, offset, bytes.subarray(offset))).status).toBe(204);
      expect((await delivered(url)).equals(bytes)).toBe(true);
    },
  );
});

describe('two requests for one upload', () => {
  test('HEAD answers at once while a PATCH is stalled, with an offset from which the next PATCH continues', async () => {
    const bytes = someBytes(300_000);
    const url = await create(bytes.length);
    const { answer } = await hang(url, 0, bytes.length, bytes.subarray(0, 200_000));
    // How much has arrived when the first is asked to leave depends on the machine: bytes that it has not read by then are not kept.
    let isGone = false;
    void answer.then(() => (isGone = true));
    await expect.poll(async () => (await offsetOf(url)) >= 0 && isGone, { timeout: 30_000 }).toBe(true);
    expectProblem(await answer, 409, 'conflict');
    const offset = await offsetOf(url);
    expect(offset).toBeLessThanOrEqual(200_000);
    expect((await patch(url, offset, bytes.subarray(offset))).status).toBe(204);
    expect((await delivered(url)).equals(bytes)).toBe(true);
  });

  test('a PATCH takes over from a stalled one', async () => {
    const bytes = someBytes(300_000);
    const url = await create(bytes.length);
    const { answer } = await hang(url, 0, bytes.length, bytes.subarray(0, 100));
    // It continues after the bytes of the first, so it is refused, and changes nothing, until the first has arrived; or, on a stalled machine, from
    // where the first was when it was asked to leave, which is before them.
    let offset = 100;
    const goOn = async (): Promise<number> => {
      const { status, headers } = await patch(url, offset, bytes.subarray(offset));
      if (status === 409) offset = Number(headers.get('upload-offset') ?? offset);
      return status;
    };
    await expect.poll(goOn, { timeout: 30_000 }).toBe(204);
    expectProblem(await answer, 409, 'conflict');
    expect((await delivered(url)).equals(bytes)).toBe(true);
  });

  test('a busy PATCH keeps the upload: the other one is told to wait', async () => {
    const bytes = someBytes(2_000_000);
    const url = await create(bytes.length);
    const toldToWait = Promise.withResolvers<void>();
    let isTold = false;
    void toldToWait.promise.then(() => (isTold = true));
    // Sends without a pause, until the other one has been refused. If this machine stalls for longer than the server waits for a silent client, it
    // continues from the offset that it is told.
    const busy = async (): Promise<number> => {
      for (let offset = 0; ;) {
        const { request, answer } = await hang(url, offset, bytes.length - offset, bytes.subarray(offset, offset + 1000));
        let sent = offset + 1000;
        const sending = setInterval(() => request.write(bytes.subarray(sent, (sent += 1000))), 10);
        const asked = await Promise.race([answer, toldToWait.promise]);
        clearInterval(sending);
        if (isTold) request.end(bytes.subarray(sent));
        const { status, headers } = asked ?? (await answer);
        if (status === 204) return status;
        expect(status).toBe(409);
        offset = Number(headers.get('upload-offset') ?? (await offsetOf(url)));
      }
    };
    const sent = busy();
    const others: Answer[] = [];
    // Without a byte of its own it changes nothing if it arrives while nobody sends.
    await expect.poll(async () => others.unshift(await patch(url, 0, '')) && others[0]?.status, { timeout: 40_000 }).toBe(423);
    toldToWait.resolve();
    expect(others[0]?.body).toMatchObject({ status: 423, code: 'conflict' });
    expect(others[0]?.headers.get('retry-after')).toBe('1');
    expect(await sent).toBe(204);
    expect((await delivered(url)).equals(bytes)).toBe(true);
  });

  test('of two that begin at once exactly one wins, and no byte of the other is in the file', async () => {
    const bodies = [Buffer.alloc(5 * mebibyte, 1), Buffer.alloc(5 * mebibyte, 2)];
    for (let won = 0, lost = 0; won < 5;) {
      const url = await create(5 * mebibyte);
      const answers = await Promise.all(bodies.map((body) => patch(url, 0, body)));
      const statuses = answers.map(({ status }) => status).toSorted((a, b) => a - b);
      const winner = bodies[answers.findIndex(({ status }) => status === 204)];
      if (winner !== undefined) {
        won += 1;
        expect(statuses[1]).toBeOneOf([409, 423]);
        expect((await delivered(url)).equals(winner)).toBe(true);
        continue;
      }
      // If this machine stalls, the first one seems silent and is asked to leave, and the other one begins after it: neither has won.
      expect(statuses, `${(lost += 1)} times nobody won`).toEqual([409, expect.toBeOneOf([409, 423])]);
      expect(lost).toBeLessThan(10);
    }
  });

  test('DELETE ends an upload even while a PATCH is stalled or busy', async () => {
    const url = await create(1000);
    const { answer } = await hang(url, 0, 1000, someBytes(10));
    expect((await tus('DELETE', url)).status).toBe(204);
    expect((await answer).status).toBeOneOf([409, 410]);
    expect((await head(url)).status).toBe(410);
    expectProblem(await patch(url, 0, 'x'), 410, 'gone');
    expect((await tus('DELETE', url)).status).toBe(410);
    expect(await upload(url)).toMatchObject({ state: 'aborted' });
  });
});

describe('concatenation', () => {
  const partial = async (bytes: Buffer | string, asked = {}): Promise<string> => {
    const url = await create(Buffer.byteLength(bytes), {}, { ...asked, headers: { 'upload-concat': 'partial' } });
    if (bytes.length > 0) expect((await patch(url, 0, bytes, asked)).status).toBe(204);
    return url;
  };
  const final = async (urls: string[], values = anyFile(), asked = {}): Promise<Answer> =>
    await tus('POST', '', { ...asked, headers: { 'upload-concat': `final;${urls.join(' ')}`, 'upload-metadata': metadata(values) } });

  test('joins parts in their order, including a repeated and an empty one', async () => {
    const [a, b, none] = [await partial('hello '), await partial('world'), await partial('')];
    const answer = await final([a, b, none, a]);
    expect(answer.status).toBe(201);
    const url = answer.headers.get('location') ?? '';
    const told = await head(url);
    expect(Object.fromEntries(told.headers)).toMatchObject({ 'upload-offset': '17', 'upload-length': '17', 'upload-concat': `final;${a} ${b} ${none} ${a}` });
    expect((await head(a)).headers.get('upload-concat')).toBe('partial');
    expect(await delivered(url)).toEqual(Buffer.from('hello worldhello '));
  });

  test('takes URLs without a host, and results in ready media', async () => {
    const bytes = await smallPicture();
    const urls = [await partial(bytes.subarray(0, 100)), await partial(bytes.subarray(100))].map((url) => new URL(url).pathname);
    const answer = await final(urls, aPhoto());
    const { assetId } = await upload(answer.headers.get('location') ?? '');
    expect(await settled(assetId)).toMatchObject({ status: 'ready', byteSize: bytes.length });
  });

  test('never processes a part on its own', async () => {
    const url = await partial(await smallPicture());
    expect(await upload(url)).toMatchObject({ state: 'open', jobId: null, assetId: null });
  });

  test('refuses bytes for a final upload', async () => {
    const answer = await final([await partial('hello')]);
    expectProblem(await patch(answer.headers.get('location') ?? '', 5, 'x'), 403, 'forbidden');
  });

  test('refuses parts that are missing, incomplete or no parts, and a list without any', async () => {
    const open = await create(10, {}, { headers: { 'upload-concat': 'partial' } });
    const ordinary = await create(5);
    for (const urls of [[open], [ordinary], [`/v1/uploads/tus/${randomUUID()}`], ['nonsense'], []]) expectProblem(await final(urls), 400, 'invalid_request');
    expectProblem(await tus('POST', '', { headers: { 'upload-concat': 'whole', 'upload-length': '1' } }), 400, 'invalid_request');
  });

  test('refuses more bytes than the collection takes', async () => {
    const big = await partial(Buffer.alloc(5 * mebibyte));
    const { body } = await ask('GET', '/meta/media-rules?collection=listing.photos');
    const count = Math.ceil(body.rules.maxBytes / (5 * mebibyte)) + 1;
    expectProblem(
      await final(
        Array.from({ length: count }, () => new URL(big).pathname),
        aPhoto(),
      ),
      413,
      'file_too_large',
    );
  });

  test.skipIf(needsUsers !== null)(`refuses the parts of another owner (${needsUsers ?? 'needs users'})`, async () => {
    const [ada, eve] = [await newUser(), await newUser()];
    const url = await partial('hello', ada);
    expectProblem(await final([url], anyFile(), eve), 400, 'invalid_request');
    expect((await final([url], anyFile(), ada)).status).toBe(201);
  });
});

describe('an upload of somebody else', () => {
  test.skipIf(needsUsers !== null)(`does not exist (${needsUsers ?? 'needs users'})`, async () => {
    const [ada, eve] = [await newUser(), await newUser()];
    const url = await create(5, anyFile(), ada);
    const nobody = `/${randomUUID()}`;
    for (const [mine, none] of [
      [await head(url, eve), await head(nobody, eve)],
      [await patch(url, 0, 'hello', eve), await patch(nobody, 0, 'hello', eve)],
      [await tus('DELETE', url, eve), await tus('DELETE', nobody, eve)],
    ] as const) {
      expect([mine.status, none.status]).toEqual([404, 404]);
      const facts = ({ headers }: Answer) => [...headers.keys()].filter((name) => name.startsWith('upload-'));
      expect(facts(mine)).toEqual([]);
    }
    expect(await offsetOf(url, ada)).toBe(0);
    expect((await head('/not-an-id', ada)).status).toBe(404);
  });
});

describe('a refusal', () => {
  test('reaches a client that has not sent its body yet', async () => {
    const url = await create(5);
    for (const headers of [
      { 'upload-offset': '3' },
      { 'upload-offset': '0', 'content-type': 'text/plain' },
      { 'upload-offset': '0', 'tus-resumable': '2.0.0' },
      { 'upload-offset': '0', authorization: 'Bearer wrong' },
    ]) {
      const request = begin('PATCH', url, { headers: { 'content-type': octets, 'content-length': String(100 * mebibyte), ...headers } });
      const answer = answerTo(request);
      request.write('a');
      expect((await answer).status).toBeGreaterThanOrEqual(400);
      request.destroy();
    }
  });

  test('reaches a client that keeps sending without reading', async () => {
    for (let round = 0; round < 10; round += 1) {
      const url = await create(5);
      const request = begin('PATCH', url, { headers: { 'content-type': octets, 'content-length': String(6 * mebibyte), 'upload-offset': '3' } });
      const answer = answerTo(request);
      request.end(Buffer.alloc(6 * mebibyte));
      expectProblem(await answer, 409, 'conflict');
    }
  });
});

test.skipIf(target.jwtSecret === null)('many slow uploads keep nobody waiting', async () => {
  const ada = await newUser();
  const urls = await Promise.all(Array.from({ length: 40 }, () => create(1_000_000, anyFile(), ada)));
  const hanging = await Promise.all(urls.map((url) => hang(url, 0, 1_000_000, someBytes(1000), ada)));
  const answers = await Promise.all(Array.from({ length: 40 }, () => ask('GET', '/media?limit=1')));
  expect(answers.every(({ status }) => status === 200)).toBe(true);
  expect((await ask('GET', '//readyz', { token: null })).status).toBe(200);
  for (const { request } of hanging) request.destroy();
});
