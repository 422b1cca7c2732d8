import { describe, expect, test } from 'vitest';

import type { Media } from '@safelight/contract/media';

import { ask, into, readyMedia, upload, type Answer, type Asked } from './support/api.ts';
import { heic, jpeg, smallPicture } from './support/pictures.ts';

const media: Media = (await upload(into('artist.images'), { bytes: await smallPicture('png', 600, 400), name: 'Boat – red.png', type: 'image/png' })).body
  .media;
const src = media.src ?? '';
const whole = await ask('GET', src, { token: null });
const size = whole.bytes.length;
const etag = whole.headers.get('etag') ?? '';
const get = async (headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> => await ask(method, src, { token: null, headers });

test('a small file that is read again and again is the same each time, whole and in part, and gone with its deletion', async () => {
  const photo = await readyMedia(into('artist.images'), { bytes: await smallPicture('png', 60, 40), name: 'small.png', type: 'image/png' });
  const address = photo.src ?? '';
  const first = await ask('GET', address, { token: null });
  for (const _ of [1, 2, 3, 4]) {
    const again = await ask('GET', address, { token: null });
    expect(again.bytes).toEqual(first.bytes);
    expect(again.headers.get('etag')).toBe(first.headers.get('etag'));
    const part = await ask('GET', address, { token: null, headers: { range: 'bytes=3-9' } });
    expect({ status: part.status, length: part.headers.get('content-length'), bytes: part.bytes }).toEqual({
      status: 206,
      length: '7',
      bytes: first.bytes.subarray(3, 10),
    });
    expect((await ask('HEAD', address, { token: null })).headers.get('content-length')).toBe(String(first.bytes.length));
  }
  expect((await ask('DELETE', `/media/${photo.id}`)).status).toBeLessThan(300);
  expect((await ask('GET', address, { token: null })).status).toBe(404);
});

describe('an artifact', () => {
  test('has the headers that caches and browsers need, and that keep anything in it from running', () => {
    expect(whole.status).toBe(200);
    expect(Object.fromEntries(whole.headers)).toMatchObject({
      'content-type': 'image/png',
      'content-length': String(size),
      'accept-ranges': 'bytes',
      etag: expect.stringMatching(/^"[A-Za-z0-9_-]{20,}"$/),
      'last-modified': expect.stringMatching(/GMT$/),
      'cache-control': expect.stringMatching(/^public, max-age=\d+/),
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringMatching(/default-src 'none'.*sandbox|sandbox.*default-src 'none'/),
      'content-disposition': `inline; filename="Boat _ red.png"; filename*=UTF-8''Boat%20%E2%80%93%20red.png`,
    });
  });

  test('is cached no longer than it may take until a review hides it', async () => {
    const photo = await readyMedia(into('listing.photos'), await jpeg());
    expect((await ask('GET', photo.src ?? '', { token: null })).headers.get('cache-control')).toBe('public, max-age=300');
  });

  test('may be read by scripts of any origin, even from a cache that stored it for a page without an Origin header', () => {
    expect(whole.headers.get('access-control-allow-origin')).toBe('*');
  });

  test('answers HEAD like GET, without the bytes', async () => {
    const head = await get({}, 'HEAD');
    expect(head.bytes.length).toBe(0);
    for (const name of ['content-length', 'content-type', 'etag', 'cache-control', 'accept-ranges', 'content-disposition'])
      expect({ [name]: head.headers.get(name) }).toEqual({ [name]: whole.headers.get(name) });
  });

  test('answers 412 to a request that is meant for other bytes, and that answer is not cached', async () => {
    for (const headers of [{ 'if-match': etag }, { 'if-match': `"x", ${etag}`, range: 'bytes=0-1' }, { 'if-match': '*' }])
      expect({ headers, ok: (await get(headers)).status < 300 }).toEqual({ headers, ok: true });
    for (const headers of [{ 'if-match': '"x"' }, { 'if-match': '"x"', 'if-none-match': etag }, { 'if-unmodified-since': 'Thu, 01 Jan 1970 00:00:00 GMT' }]) {
      for (const method of ['GET', 'HEAD'] as const) {
        const answer = await get(headers, method);
        expect({ headers, status: answer.status, cache: answer.headers.get('cache-control') }).toEqual({ headers, status: 412, cache: 'no-store' });
      }
    }
  });

  test('is not sent again to a client that has it; the 304 says how long it may be cached', async () => {
    for (const headers of [
      { 'if-none-match': etag },
      { 'if-none-match': `W/${etag}, "x"` },
      { 'if-none-match': '*' },
      { 'if-modified-since': whole.headers.get('last-modified') ?? '' },
      { 'if-none-match': etag, 'if-modified-since': 'Thu, 01 Jan 1970 00:00:00 GMT' },
      { 'if-none-match': etag, range: 'bytes=0-1' },
    ]) {
      const answer = await get(headers);
      expect({ headers, status: answer.status, bytes: answer.bytes.length }).toEqual({ headers, status: 304, bytes: 0 });
      expect(answer.headers.get('etag')).toBe(etag);
      expect(answer.headers.get('cache-control')).toBe(whole.headers.get('cache-control'));
    }
    for (const headers of [
      { 'if-none-match': '"x"' },
      { 'if-none-match': '"x"', 'if-modified-since': new Date().toUTCString() },
      { 'if-modified-since': 'Thu, 01 Jan 1970 00:00:00 GMT' },
      { 'if-modified-since': 'rubbish' },
    ]) {
      expect({ headers, status: (await get(headers)).status }).toEqual({ headers, status: 200 });
    }
  });
});

describe('a range', () => {
  test.each<[string, number, number]>([
    ['bytes=0-', 0, size - 1],
    ['bytes=0-0', 0, 0],
    ['bytes=10-19', 10, 19],
    ['bytes=-1', size - 1, size - 1],
    ['bytes=-99999999', 0, size - 1],
    [`bytes=${size - 1}-`, size - 1, size - 1],
    ['bytes=5-99999999', 5, size - 1],
    ['bytes= 1-2', 1, 2],
  ])('%s is answered with exactly that', async (range, start, end) => {
    const answer = await get({ range });
    expect({ status: answer.status, range: answer.headers.get('content-range'), length: answer.headers.get('content-length') }).toEqual({
      status: 206,
      range: `bytes ${start}-${end}/${size}`,
      length: String(end - start + 1),
    });
    expect(answer.bytes).toEqual(whole.bytes.subarray(start, end + 1));
    expect(answer.headers.get('etag')).toBe(etag);
  });

  test.each([`bytes=${size}-`, 'bytes=99999999-', 'bytes=-0'])('%s is beyond the end', async (range) => {
    const answer = await get({ range });
    expect({ status: answer.status, range: answer.headers.get('content-range'), type: answer.headers.get('content-type') }).toEqual({
      status: 416,
      range: `bytes */${size}`,
      type: 'application/problem+json',
    });
    expect(JSON.parse(answer.bytes.toString())).toMatchObject({
      code: 'invalid_request',
      status: 416,
      detail: `The range begins past the end of the file, which has ${size} bytes. Ask for one within them.`,
    });
  });

  test.each([
    'bytes=9-1',
    'bytes=a-b',
    'bytes=',
    'bytes=-',
    'lines=0-1',
    'bytes=0-1,x',
    `bytes=${Array.from({ length: 100 }, (_, i) => `${i * 3}-${i * 3}`).join(',')}`,
    'bytes=0-99,50-150',
  ])('%s is not one, so everything is sent', async (range) => {
    const answer = await get({ range });
    expect({ status: answer.status, bytes: answer.bytes.length }).toEqual({ status: 200, bytes: size });
  });

  test('of several parts is answered as multipart, each part with its range', async () => {
    const answer = await get({ range: 'bytes=0-1, 10-12, -2' });
    expect(answer.status).toBe(206);
    const boundary = /^multipart\/byteranges; boundary=(\S+)$/.exec(answer.headers.get('content-type') ?? '')?.[1] ?? '';
    expect(answer.headers.get('content-length')).toBe(String(answer.bytes.length));
    const parts = answer.bytes.toString('latin1').split(`\r\n--${boundary}`).slice(1, -1);
    const wanted: [number, number][] = [
      [0, 1],
      [10, 12],
      [size - 2, size - 1],
    ];
    expect(parts).toEqual(
      wanted.map(
        ([start, end]) =>
          `\r\ncontent-type: image/png\r\ncontent-range: bytes ${start}-${end}/${size}\r\n\r\n${whole.bytes.subarray(start, end + 1).toString('latin1')}`,
      ),
    );
  });

  test('is only answered as a range if the file is still the one that the reader began with', async () => {
    for (const [ifRange, status] of [
      [etag, 206],
      [whole.headers.get('last-modified') ?? '', 206],
      ['"other"', 200],
      [`W/${etag}`, 200],
      ['Thu, 01 Jan 1970 00:00:00 GMT', 200],
    ] as const) {
      expect({ ifRange, status: (await get({ range: 'bytes=0-4', 'if-range': ifRange })).status }).toEqual({ ifRange, status });
    }
  });

  test('of a HEAD is a HEAD', async () => {
    const answer = await get({ range: 'bytes=0-4' }, 'HEAD');
    expect(answer.bytes.length).toBe(0);
    expect(answer.headers.get('content-length')).toBeOneOf(['5', String(size)]);
  });
});

describe('by its id', () => {
  test('a photo is shown inline, and downloaded under its original name', async () => {
    const [view, download] = [await ask('GET', `//view/${media.id}`, { token: null }), await ask('GET', `//download/${media.id}`, { token: null })];
    expect([view.status, download.status]).toEqual([200, 200]);
    expect(view.headers.get('content-disposition')).toMatch(/^inline; /);
    expect(download.headers.get('content-disposition')).toMatch(/^attachment; filename="Boat _ red\.png"/);
    for (const { headers } of [view, download]) expect(headers.get('x-content-type-options')).toBe('nosniff');
  });

  test('variants are named after their content, and only the source keeps its name', async () => {
    const photo = await readyMedia(into('listing.photos'), { ...(await jpeg()), name: 'print.jpg' });
    const named = async (url: string, asked: Asked = { token: null }): Promise<[string | null, string | null]> => {
      const { headers } = await ask('GET', url, asked);
      return [headers.get('content-type'), headers.get('content-disposition')];
    };
    for (const url of [photo.src ?? '', `//view/${photo.id}`]) expect(await named(url)).toEqual(['image/webp', 'inline; filename="print.webp"']);
    expect(await named(`//download/${photo.id}`)).toEqual(['image/webp', 'attachment; filename="print.webp"']);
    expect(await named(`//download/${photo.id}`, {})).toEqual(['image/jpeg', 'attachment; filename="print.jpg"']);
  });

  test('answers have Vary for everybody, because the owner gets another file', async () => {
    const photo = await readyMedia(into('listing.photos'), await jpeg());
    for (const door of ['view', 'download'])
      for (const asked of [{ token: null }, {}]) {
        const answer = await ask('GET', `//${door}/${photo.id}`, asked);
        expect(answer.headers.get('vary')).toMatch(/authorization/i);
        const again = await ask('GET', `//${door}/${photo.id}`, { ...asked, headers: { 'if-none-match': answer.headers.get('etag') ?? '' } });
        expect({ status: again.status, vary: again.headers.get('vary') }).toEqual({ status: 304, vary: answer.headers.get('vary') });
      }
  });

  test('a private source is only for its owner, never stored by a shared cache, and never shown inline', async () => {
    const photo = await readyMedia(into('listing.photos'), await heic());
    const source = await ask('GET', `//download/${photo.id}`);
    expect(source.bytes).toEqual((await heic()).bytes);
    expect(Object.fromEntries(source.headers)).toMatchObject({
      'cache-control': expect.stringMatching(/private/),
      'content-type': 'application/octet-stream',
      'content-disposition': expect.stringMatching(/^attachment/),
      vary: expect.stringMatching(/authorization/i),
    });
    const parts = await ask('GET', `//download/${photo.id}`, { headers: { range: 'bytes=0-1,4-5' } });
    expect(parts.bytes.toString('latin1')).not.toContain('image/heic');
  });

  test('a sold file that nobody bought is only for its seller', async () => {
    const product = await readyMedia(
      { collection: 'product.files', entityType: 'product', entityId: crypto.randomUUID() },
      { bytes: '%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n', name: 'book.pdf', type: 'application/pdf' },
    );
    expect(product.kind).toBe('file');
    for (const door of ['view', 'download']) expect((await ask('GET', `//${door}/${product.id}`, { token: null })).status).toBe(404);
    const own = await ask('GET', `//view/${product.id}`);
    expect(Object.fromEntries(own.headers)).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-disposition': 'attachment; filename="book.pdf"',
    });
  });
});

test('scripts of other origins may read what they need, and never with cookies', async () => {
  const headers = { origin: 'https://shop.example' };
  const answer = await get(headers);
  expect(answer.headers.get('access-control-allow-origin')).toBe('*');
  expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
  expect(answer.headers.get('access-control-expose-headers')).toMatch(/ETag/);
  const preflight = await ask('OPTIONS', '/media', {
    token: null,
    headers: { ...headers, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization, idempotency-key' },
  });
  expect(preflight.status).toBe(204);
  expect(preflight.headers.get('access-control-allow-headers')).toContain('idempotency-key');
  expect(preflight.headers.get('access-control-allow-methods')).toContain('POST');
});
