import { describe, expect, test } from 'vitest';

import { answer, mediaOf, readBody, refuse, startServer } from '../test/protocol-server.ts';
import { createClient } from './create-client.ts';
import { SafelightProblem } from './problem.ts';

const problemFrom = async (promise: Promise<unknown>): Promise<SafelightProblem> => {
  const error: unknown = await promise.then(
    () => new Error('It was answered, not refused.'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof SafelightProblem)) throw error;
  return error;
};

describe('a request', () => {
  test('goes to the operation’s path, with the current token', async () => {
    const seen: (string | undefined)[] = [];
    const { baseURL, requests } = await startServer((request, response) => {
      seen.push(request.headers.authorization);
      answer(response, 200, { media: [mediaOf()], nextCursor: null });
    });
    let turn = 0;
    const client = createClient({ baseURL: `${baseURL}/`, token: async () => `t${(turn += 1)}` });
    const page = await client.media.list({ collection: 'listing.photos', entity: 'listing/9f3', limit: 2 });
    await client.media.list();
    expect(page.media[0]?.originalFileName).toBe('boots.jpg');
    expect(requests).toEqual(['GET /v1/media?collection=listing.photos&entity=listing%2F9f3&limit=2', 'GET /v1/media']);
    expect(seen).toEqual(['Bearer t1', 'Bearer t2']);
  });

  test('escapes parameters, takes another prefix, and sends no token when there is none', async () => {
    const { baseURL, requests } = await startServer((request, response) => {
      expect(request.headers.authorization).toBeUndefined();
      answer(response, 200, { media: [], tray: [], rules: {}, profileImageURL: null, etag: '"1"' });
    });
    await createClient({ baseURL, apiPrefix: '' }).entities.read('artist', 'a/b c', { collection: 'artist.images' });
    expect(requests).toEqual(['GET /entities/artist/a%2Fb%20c/media?collection=artist.images']);
  });

  test('walks a list page by page', async () => {
    const { baseURL, requests } = await startServer((request, response) => {
      const last = request.url.includes('cursor=next');
      answer(response, 200, { media: [mediaOf({ sortOrder: last ? 2 : 1 })], nextCursor: last ? null : 'next' });
    });
    const orders: number[] = [];
    for await (const media of createClient({ baseURL }).media.all({ kind: 'image' })) orders.push(media.sortOrder);
    expect(orders).toEqual([1, 2]);
    expect(requests).toEqual(['GET /v1/media?kind=image', 'GET /v1/media?kind=image&cursor=next']);
  });
});

describe('a refusal', () => {
  test('is a problem with its code, sentence, fields and request id, and is not repeated', async () => {
    const { baseURL, requests } = await startServer((_request, response) => {
      answer(response, 400, {
        code: 'invalid_request',
        title: 'T',
        detail: 'Too long.',
        requestId: 'r-9',
        errors: [{ field: '/altText', message: 'At most 2000.' }, 7],
      });
    });
    const problem = await problemFrom(createClient({ baseURL }).media.patch('x', { altText: 'y' }));
    expect(problem).toMatchObject({ code: 'invalid_request', status: 400, detail: 'Too long.', requestId: 'r-9', retryable: false });
    expect(problem.errors).toEqual([{ field: '/altText', message: 'At most 2000.' }]);
    expect(requests).toHaveLength(1);
  });

  test('of a proxy that knows no codes still has one', async () => {
    const { baseURL } = await startServer((_request, response) => {
      response.writeHead(502, { 'content-type': 'text/html', 'x-request-id': 'edge-1' }).end('<h1>Bad Gateway</h1>');
    });
    const problem = await problemFrom(createClient({ baseURL }).media.list({}, { retries: 0 }));
    expect(problem).toMatchObject({ code: 'unavailable', status: 502, requestId: 'edge-1', retryable: true });
  });
});

describe('a passing fault', () => {
  test('is waited out, as long as Retry-After says', async () => {
    let turn = 0;
    const { baseURL, requests } = await startServer((_request, response) => {
      turn += 1;
      if (turn === 1) return void response.destroy();
      if (turn === 2) return refuse(response, 'unavailable', 'Starting.', { 'retry-after': '0' });
      if (turn === 3) return refuse(response, 'rate_limited', 'Slow down.', { 'retry-after': new Date(Date.now() - 1000).toUTCString() });
      return answer(response, 200, { media: mediaOf() });
    });
    expect((await createClient({ baseURL }).media.read('x')).ownerId).toBe('ada');
    expect(requests).toHaveLength(4);
  });

  test('is given up after the allowed attempts, with the last reason', async () => {
    const { baseURL, requests } = await startServer((_request, response) => refuse(response, 'storage_unavailable', 'No disk.', { 'retry-after': '0' }));
    expect(await problemFrom(createClient({ baseURL }).media.list({}, { retries: 2 }))).toMatchObject({ code: 'storage_unavailable', requestId: 'req-1' });
    expect(requests).toHaveLength(3);
  });

  test('is reported at once if the server wants a longer pause than the caller allows', async () => {
    const { baseURL, requests } = await startServer((_request, response) => refuse(response, 'rate_limited', 'Tomorrow.', { 'retry-after': '86400' }));
    expect(await problemFrom(createClient({ baseURL }).media.list())).toMatchObject({ code: 'rate_limited', retryAfterMs: 86_400_000 });
    expect(requests).toHaveLength(1);
  });

  test('of a request that is not safe to repeat is reported at once', async () => {
    const { baseURL, requests } = await startServer((_request, response) => refuse(response, 'unavailable', 'Stopping.'));
    const client = createClient({ baseURL });
    await problemFrom(client.grants.renewAddress('x'));
    await problemFrom(client.media.patch('x', { altText: null }, { ifMatch: '"1"' }));
    expect(requests).toEqual(['POST /v1/grants/x/access-token', 'PATCH /v1/media/x']);
  });
});

test('a creation has one Idempotency-Key for all its attempts, so that it happens once', async () => {
  const keys: (string | string[] | undefined)[] = [];
  const { baseURL } = await startServer(async (request, response) => {
    await readBody(request);
    keys.push(request.headers['idempotency-key']);
    if (keys.length === 1) return refuse(response, 'idempotency_conflict', 'Still working on the first.', { 'retry-after': '0' });
    return answer(response, 201, { uploadId: 'u' });
  });
  const client = createClient({ baseURL });
  await client.request('openUpload', { body: { collection: 'user.library', filename: 'a.jpg' } });
  await client.request('openUpload', { body: { collection: 'user.library', filename: 'a.jpg' }, idempotencyKey: 'mine' });
  expect(keys[0]).toMatch(/\S{16,}/);
  expect(keys).toEqual([keys[0], keys[0], 'mine']);
});

test('an abort ends a request, or a pause between two attempts, with its own reason', async () => {
  const hanging = new AbortController();
  const waiting = new AbortController();
  const { baseURL } = await startServer((request, response) => {
    if (request.url.endsWith('/hangs')) hanging.abort(new Error('left the page'));
    else {
      refuse(response, 'unavailable', 'Later.', { 'retry-after': '50' });
      response.on('finish', () => waiting.abort(new Error('lost patience')));
    }
  });
  const client = createClient({ baseURL });
  await expect(client.media.read('hangs', { signal: hanging.signal })).rejects.toThrow('left the page');
  await expect(client.media.read('waits', { signal: waiting.signal })).rejects.toThrow('lost patience');
  await expect(client.media.read('never', { signal: AbortSignal.abort(new Error('too late')) })).rejects.toThrow('too late');
});

test('an unreachable server is a problem that names it', async () => {
  const client = createClient({ baseURL: 'http://127.0.0.1:1' });
  expect(await problemFrom(client.media.list({}, { retries: 0 }))).toMatchObject({ code: 'network_error', status: 0, retryable: true });
});

test('an HTML page instead of JSON is reported at once, with what to check, and not retried', async () => {
  let asked = 0;
  const client = createClient({
    baseURL: 'http://media.test',
    fetch: async () => {
      asked += 1;
      return await Promise.resolve(new Response('<!doctype html><title>Shop</title>', { headers: { 'content-type': 'text/html; charset=utf-8' } }));
    },
  });
  await expect(client.media.list()).rejects.toMatchObject({ code: 'not_found', detail: expect.stringContaining('Check baseURL and apiPrefix.') as string });
  const task = client.upload(new File(['a'], 'a.jpg'), { collection: 'user.library' });
  await expect(task.result).rejects.toMatchObject({ code: 'not_found' });
  expect(asked).toBe(2);
});
