import { existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';

import { describe, expect, test } from 'vitest';

import { ask, expectProblem, form, into, nextServer, readyMedia, upload, type Answer } from './support/api.ts';
import { hostileNames, jpeg, smallPicture } from './support/pictures.ts';
import { putSigned } from './support/signed-put.ts';

const NUL = '\u0000';

/** Whatever is sent, the answer is one of ours, and never "something went wrong". */
const expectRefusal = (answer: Answer, name: string): void => {
  expect({ name, status: answer.status, type: answer.headers.get('content-type') }).toEqual({
    name,
    status: expect.toSatisfy((status: number) => status >= 400 && status < 500),
    type: 'application/problem+json',
  });
};

test('a parameter of fifteen thousand characters is refused as too long on every path that has one', async () => {
  const long = 'a'.repeat(15_000);
  const paths = ['/media/X', '/jobs/X', '/grants/X', '/uploads/X', '/entities/listing/X/media', '/entities/X/1/media', '/policies/X', '/webhooks/X', '/meta/X'];
  const atRoot = ['//media/X', '//view/X', '//download/X', '//storage/X', '//X'];
  const inQueries = ['/media?cursor=X', '//view/1?signature=X'];
  for (const path of [...paths, ...atRoot, ...inQueries]) expectProblem(await ask('GET', path.replace('X', long)), 414, 'invalid_request');
});

describe('text that a database cannot store', () => {
  test('is refused everywhere: in paths, queries, headers, JSON and forms', async () => {
    const { id } = await readyMedia(into('artist.images'), await jpeg());
    const init = { ...into('listing.photos'), filename: 'a.jpg', contentType: 'image/jpeg', byteSize: 10 };
    const asked: Record<string, Promise<Answer>> = {
      'a token of an artifact': ask('GET', '//media/%00'),
      'a list’s prefix': ask('GET', '/media?prefix=%00'),
      'a list’s entity': ask('GET', '/media?entity=artist/%00'),
      'a list’s purpose': ask('GET', '/media?purpose=%00'),
      'a list’s cursor': ask('GET', '/media?cursor=%00'),
      'an entity in a path': ask('GET', '/entities/artist/%00/media'),
      'an entity’s type': ask('GET', '/entities/%00/1/media'),
      'an object path': ask('DELETE', '/media/media/%00/a.jpg'),
      'a completed object path': ask('POST', '/media/upload/complete', { body: { objectPath: `media/${NUL}` } }),
      'the entity of an upload': ask('POST', '/media/upload/init', { body: { ...init, entityId: `1${NUL}` } }),
      'alt text in JSON': ask('PATCH', `/media/${id}`, { body: { altText: `a${NUL}b` } }),
      'alt text in a form': upload({ ...into('artist.images'), altText: `a${NUL}b` }, await jpeg()),
      'the entity of a form': upload({ ...into('artist.images'), entityId: `a${NUL}b` }, await jpeg()),
      'a collection': ask('GET', '/meta/media-rules?collection=%00'),
      'an event’s entity': ask('GET', '/events?entity=%00'),
      'a storage path': ask('PUT', '//storage/%00?upload=x&signature=y', { body: 'x' }),
      'a view': ask('GET', '//view/%00'),
      'an idempotency key': ask('POST', '/media/upload/init', { body: init, headers: { 'idempotency-key': '\u00ff\u00fe' } }),
    };
    for (const [name, answer] of Object.entries(asked)) {
      const { status } = await answer;
      if (name === 'an idempotency key') expect(status).toBe(201);
      else expectRefusal(await answer, name);
    }
  });

  test('such as half of a surrogate pair does not cause a 500', async () => {
    const { id } = await readyMedia(into('artist.images'), await jpeg());
    const answer = await ask('PATCH', `/media/${id}`, { body: '{"altText":"half \\ud83d of it"}', headers: { 'content-type': 'application/json' } });
    expect(answer.status).toBeLessThan(500);
    const opened = await ask('POST', '/media/upload/init', {
      body: `{"collection":"listing.photos","entityType":"listing","entityId":"\\ud83d","filename":"\\ud83d.jpg"}`,
      headers: { 'content-type': 'application/json' },
    });
    expect(opened.status).toBeLessThan(500);
  });
});

describe('malformed requests', () => {
  test.each([
    ['a limit of zero', '/media?limit=0'],
    ['a limit beyond the most', '/media?limit=201'],
    ['a limit that is no number', '/media?limit=ten'],
    ['a cursor that no list gave', '/media?cursor=bm9wZQ'],
    ['a cursor of something else', '/jobs?cursor=%F0%9F%98%80'],
    ['a status that does not exist', '/media?status=lost'],
    ['a kind that does not exist', '/media?kind=hologram'],
    ['a failure that there is no code for', '/media?failure=bad_luck'],
    ['what is not published', '/media?published=false'],
    ['an entity without an id', '/media?entity=artist'],
    ['a collection that does not exist', '/media?collection=nope'],
    ['a last event that nobody sent', '/events?jobId=x'],
  ])('are refused: %s', async (_what, path) => {
    expectProblem(await ask('GET', path), 400, 'invalid_request');
  });

  test('are refused if their JSON is broken, of the wrong shape, or not JSON', async () => {
    const { id } = await readyMedia(into('artist.images'), await jpeg());
    const json = { 'content-type': 'application/json' };
    for (const body of [
      '{',
      '[]',
      '"text"',
      'null',
      '{"altText": 1}',
      '{"unknown": true}',
      '{"focalPoint": {"x": 2, "y": 0}}',
      '{"sortOrder": 1.5}',
      '{"__proto__": {"x": 1}}',
    ]) {
      expectRefusal(await ask('PATCH', `/media/${id}`, { body, headers: json }), body);
    }
    expectProblem(await ask('PATCH', `/media/${id}`, { body: '<a/>', headers: { 'content-type': 'text/xml' } }), 415, 'unsupported_type');
    expectProblem(await ask('PATCH', `/media/${id}`, { body: JSON.stringify({ altText: 'x'.repeat(2 ** 20) }), headers: json }), 413, 'file_too_large');
  });

  test.each([
    '/media/nope',
    '/media/019aa000-0000-7000-8000-000000000000',
    '/jobs/nope',
    '/jobs/019aa000-0000-7000-8000-000000000000',
    '/nowhere',
    '/entities/nope/1/media',
    '/media/a/b/c/d/e/f',
  ])('are not found: %s', async (path) => {
    expectProblem(await ask('GET', path), 404, 'not_found');
  });

  test.each([
    '//',
    '//media',
    '//media/',
    '//media/nope',
    '//media/a/b',
    '//view/nope',
    '//download/nope',
    '//storage/nope',
    '//%2e%2e/etc/passwd',
    '//media/..%2f..%2fetc%2fpasswd',
    '//v1',
    '//v2/media',
  ])('are not found outside the API: %s', async (path) => {
    const answer = await ask('GET', path, { token: null });
    if (path === '//') expect(answer.status).toBeLessThan(500);
    else expectProblem(answer, 404, 'not_found');
  });

  test('are refused if a query repeats a parameter that may occur once', async () => {
    const media = await readyMedia(into('artist.images'), await jpeg());
    expect((await ask('GET', `${media.src}?signature=a&signature=b`)).status).toBe(200);
    const init = { ...into('listing.photos'), filename: 'a.jpg', contentType: 'image/jpeg', byteSize: 10 };
    const { body: opened } = await ask('POST', '/media/upload/init', { body: init });
    const put = `//storage/${opened.objectPath}?upload=${opened.uploadId}`;
    const draft = { 'upload-draft-interop-version': '6', 'upload-complete': '?1' };
    const asked: Record<string, Promise<Answer>> = {
      'two signatures': ask('PUT', `${put}&signature=a&signature=b`, { body: 'x' }),
      'two uploads': ask('PUT', `${put}&upload=b&signature=a`, { body: 'x' }),
      'two parts': ask('PUT', `${put}&part=1&part=2&signature=a`, { body: 'x' }),
      'two file names': ask('GET', '/companion/s3/params?filename=a&filename=b&metadata[collection]=listing.photos'),
      'two entities': ask('POST', '/uploads/resumable?collection=listing.photos&entityType=listing&entityId=1&entityId=2', { headers: draft, body: 'x' }),
    };
    const names = `/uploads/resumable?${new URLSearchParams(into('listing.photos'))}&filename=a`;
    asked['two names of a resumable upload'] = ask('POST', `${names}&filename=b`, { headers: draft, body: await smallPicture() });
    for (const [name, answer] of Object.entries(asked)) expectRefusal(await answer, name);
    expect((await ask('POST', names, { headers: draft, body: await smallPicture() })).status).toBe(201);
  });

  test('are refused if their JSON nests too deeply, in any place', async () => {
    const deep = `${'['.repeat(400_000)}${']'.repeat(400_000)}`;
    const { id } = await readyMedia(into('artist.images'), await jpeg());
    const headers = { 'content-type': 'application/json' };
    const photo = `"filename":"a.jpg","metadata":{"collection":"artist.images","entityType":"artist","entityId":"1","altText":${deep}}`;
    const asked: Record<string, Promise<Answer>> = {
      'a whole body': ask('POST', '/media/upload/init', { body: deep, headers }),
      'a field': ask('PATCH', `/media/${id}`, { body: `{"focalPoint":${deep}}`, headers }),
      'a body with a key': ask('POST', `/media/${id}/replacement`, { body: `{"a":${deep}}`, headers: { ...headers, 'idempotency-key': `deep-${id}` } }),
      'metadata of Uppy': ask('POST', '/companion/s3/multipart', { body: `{${photo}}`, headers }),
    };
    for (const [name, answer] of Object.entries(asked)) expectRefusal(await answer, name);
  });

  test('are refused if the URL cannot be decoded', async () => {
    expectRefusal(await ask('GET', '/media/%E0%A4%A'), 'half an escape');
    expectRefusal(await ask('GET', '//media/%ff'), 'not UTF-8');
  });
});

/** What comes back for bytes that no client would send. */
async function askInBytes(bytes: string): Promise<{ head: string; body: string }> {
  const { hostname, port } = new URL(nextServer());
  const socket = connect(Number(port), hostname);
  socket.write(bytes);
  const [head = '', body = ''] = (await text(socket)).split('\r\n\r\n');
  return { head, body };
}

describe('bytes that are no HTTP request', () => {
  test.each<[string, string, number]>([
    ['no request line', 'HELLO\r\n\r\n', 400],
    ['a length that is none', 'GET /v1/media HTTP/1.1\r\nHost: a\r\nContent-Length: many\r\n\r\n', 400],
    ['two ways to say the length', 'POST /v1/media HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n', 400],
    ['headers without end', `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(70_000)}\r\n\r\n`, 431],
    ['no host', 'GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n', 400],
    ['two hosts', 'GET /healthz HTTP/1.1\r\nHost: a\r\nhost: b\r\nConnection: close\r\n\r\n', 400],
    ['an unknown expectation', 'POST /v1/media HTTP/1.1\r\nHost: a\r\nExpect: 200-ok\r\nContent-Length: 2\r\nConnection: close\r\n\r\n', 417],
    ...['POST /v1/media', 'PUT /v1/media', 'POST /files', 'PATCH /files/a', 'GET /healthz'].map((line): [string, string, number] => [
      `compressed on its way, ${line}`,
      `${line} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\nConnection: close\r\n\r\n0\r\n\r\n`,
      501,
    ]),
    [
      'compressed, told in two headers',
      'POST /v1/media HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\n',
      501,
    ],
    ['a request to a proxy', 'CONNECT elsewhere:443 HTTP/1.1\r\nHost: a\r\n\r\n', 405],
  ])('are refused as everything is: %s', async (_what, bytes, status) => {
    const { head, body } = await askInBytes(bytes);
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} .*content-type: application/problem\\+json`, 's'));
    expect(JSON.parse(body)).toMatchObject({ status, code: 'invalid_request', detail: expect.stringMatching(/\.$/) });
  });

  test('are not a body in chunks, in whatever letters that is said', async () => {
    expect((await askInBytes('GET /healthz HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\nConnection: close\r\n\r\n0\r\n\r\n')).head).toMatch(
      /^HTTP\/1\.1 200 /,
    );
  });

  test('are not taken for the request of an old client, which says no host', async () => {
    expect((await askInBytes('GET /healthz HTTP/1.0\r\nExpect: 200-ok\r\n\r\n')).head).toMatch(/^HTTP\/1\.1 200 /);
  });
});

describe('a malicious file name', () => {
  const own = [
    'a\r\nSet-Cookie: x=1.jpg',
    'quote".jpg',
    'back\\slash.jpg',
    'gpj.\u202eexe.jpg',
    '../../../etc/passwd.jpg',
    'C:\\fakepath\\photo.jpg',
    'fête 🎉 семь.jpg',
    `${'long'.repeat(100)}.jpg`,
    "it's (1)%20;*.jpg",
    '.jpg',
    '..',
    ' ',
    'nul\u0000byte.jpg',
    'ümlaut.jpg',
    '\u2028line.jpg',
  ];
  const corpus = existsSync(hostileNames) ? (JSON.parse(readFileSync(hostileNames, 'utf8')) as { name: string }[]).map(({ name }) => name) : [];

  test(`stays within its header and its directory (${own.length} of our own, ${corpus.length === 0 ? 'none of the corpus, which is not there' : `${corpus.length} of the corpus`})`, async () => {
    const bytes = await smallPicture();
    for (const filename of [...own, ...corpus]) {
      const named = JSON.stringify(filename);
      const opened = await ask('POST', '/media/upload/init', { body: { collection: 'user.library', filename, byteSize: bytes.length } });
      if (opened.status === 400) continue;
      expect({ named, status: opened.status }).toEqual({ named, status: 201 });
      expect(opened.body.objectPath).toMatch(/^media\/[A-Za-z0-9._-]+\/[0-9a-f-]{36}\/[A-Za-z0-9_-][A-Za-z0-9._-]*$/);
      expect(opened.body.objectPath.length).toBeLessThan(300);
      expect({ named, status: (await putSigned(opened.body, bytes)).status }).toEqual({ named, status: expect.toBeOneOf([200, 201]) });
      const { body } = await ask('POST', '/media/upload/complete', { body: { uploadId: opened.body.uploadId } });
      const { media } = body;
      expect(media.originalFileName, named).toMatch(/^[^\p{Cc}\u202a-\u202e\u2066-\u2069/\\]+$/u);
      const answer = await ask('GET', `//download/${media.id}`);
      if (answer.status === 404) continue;
      const disposition = answer.headers.get('content-disposition') ?? '';
      // RFC 6266: a quoted ASCII name without escapes, and the whole name percent-encoded if it is not ASCII.
      expect(disposition, named).toMatch(/^attachment; filename="[\x20\x21\x23-\x24\x26-\x5b\x5d-\x7e]+"(; filename\*=UTF-8''[A-Za-z0-9!#$&+\-.^_`|~%]+)?$/);
      const encoded = /filename\*=UTF-8''(.+)$/.exec(disposition)?.[1];
      if (encoded !== undefined) expect(decodeURIComponent(encoded)).toBe(media.originalFileName);
    }
  });

  test('in a form stays in its header and directory as well', async () => {
    const answer = await ask('POST', '/media', { body: form(into('artist.images'), { ...(await jpeg()), name: '../../"evil"\u202egpj.jpg' }) });
    expect(answer.status).toBe(201);
    expect(answer.body.media.originalFileName).not.toMatch(/[/\\\u202e]/);
  });

  test('in a form is kept as it was, with its quotes', async () => {
    const answer = await ask('POST', '/media', { body: form(into('artist.images'), { ...(await jpeg()), name: 'the "one" at 22%.jpg' }) });
    expect(answer.body.media.originalFileName).toBe('the "one" at 22%.jpg');
  });
});
