import { expect, test } from 'vitest';

import { answer, mediaOf, refuse, startServer } from '../test/protocol-server.ts';
import { createClient } from './create-client.ts';

/** A server that takes one token only; `signed` lists the ones that it got. */
async function lockedServer(good = 'Bearer new') {
  const signed: (string | undefined)[] = [];
  const tenants: (string | string[] | undefined)[] = [];
  const { baseURL, requests } = await startServer((request, response) => {
    signed.push(request.headers.authorization);
    tenants.push(request.headers['x-tenant']);
    if (request.headers.authorization !== good) return refuse(response, 'unauthenticated', 'The token has expired.');
    return answer(response, 200, { media: mediaOf() });
  });
  return { baseURL, requests, signed, tenants };
}

test('a token that the server refuses is asked for again, and the request is sent once more with the new one', async () => {
  const { baseURL, signed } = await lockedServer();
  const tokens = ['old', 'new'];
  const client = createClient({ baseURL, token: () => tokens.shift() ?? 'none' });
  expect((await client.media.retry('x')) as unknown, 'also what is never repeated otherwise').toMatchObject({ media: { ownerId: 'ada' } });
  expect(signed).toEqual(['Bearer old', 'Bearer new']);
});

test('a token that is refused and stays the same, or whose successor is refused too, ends the request', async () => {
  const { baseURL, signed } = await lockedServer();
  const refusal = { code: 'unauthenticated', detail: 'The token has expired.' };
  await expect(createClient({ baseURL, token: () => 'old' }).media.read('x')).rejects.toMatchObject(refusal);
  expect(signed).toHaveLength(1);
  let turn = 0;
  await expect(createClient({ baseURL, token: () => `old-${(turn += 1)}` }).media.read('x')).rejects.toMatchObject(refusal);
  expect(signed.slice(1)).toEqual(['Bearer old-1', 'Bearer old-2']);
});

test('requests that begin together share one call of a slow token function, and the next request calls it anew', async () => {
  const { baseURL, signed } = await lockedServer();
  let calls = 0;
  const token = async (): Promise<string> => {
    calls += 1;
    await new Promise((resolve) => setTimeout(resolve, 20));
    return 'new';
  };
  const client = createClient({ baseURL, token });
  await Promise.all(Array.from({ length: 6 }, () => client.media.read('x')));
  expect([calls, signed.length]).toEqual([1, 6]);
  await client.media.read('x');
  expect(calls).toBe(2);
});

test('whoever has signed out meanwhile is not signed in again by a token of before, and what has no value is not sent', async () => {
  const { baseURL, signed, tenants } = await lockedServer();
  const tokens: (string | undefined)[] = ['old'];
  const client = createClient({
    baseURL,
    headers: () => ({ authorization: tokens.length > 0 ? `Bearer ${tokens.shift()}` : undefined, 'x-tenant': undefined }),
  });
  await expect(client.media.read('x')).rejects.toMatchObject({ code: 'unauthenticated' });
  expect(signed).toEqual(['Bearer old', undefined]);
  expect(tenants).toEqual([undefined, undefined]);
});

test('a mistake in the token function is told at once in its own words, and is no outage that an upload waits out', async () => {
  const { baseURL, requests } = await lockedServer();
  const session = JSON.parse('null') as { token: string };
  const client = createClient({ baseURL, token: () => session.token });
  const task = client.upload(new Blob(['a']), { collection: 'user.library' });
  await expect(task.result).rejects.toThrow(/null/);
  expect(task.getSnapshot()).toMatchObject({ state: 'failed', error: { code: 'internal', detail: expect.stringContaining('null') } });
  const refusing = createClient({ baseURL, token: () => Promise.reject(new Error('Signed out.')) });
  await expect(refusing.media.read('x')).rejects.toThrow('Signed out.');
  expect(requests).toEqual([]);
});

test('an upload whose token never comes can still be aborted, and nothing changes afterwards', async () => {
  const { baseURL } = await lockedServer();
  let give: (token: string) => void = () => undefined;
  const client = createClient({ baseURL, token: () => new Promise((resolve) => (give = resolve)) });
  const task = client.upload(new Blob(['a']), { collection: 'user.library' });
  task.abort(new Error('Not this one.'));
  await expect(task.result).rejects.toThrow('Not this one.');
  give('new');
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(task.getSnapshot().state).toBe('aborted');
  await expect(client.upload(new Blob(['a']), {}, { signal: AbortSignal.abort(new Error('Before.')) }).result).rejects.toThrow('Before.');
});

test('a client derived from another asks the same server, with headers that are added to its own or override them', async () => {
  const { baseURL, requests, signed, tenants } = await lockedServer();
  const client = createClient({ baseURL, token: 'old', headers: { 'x-tenant': 'a' } });
  await client.with({ headers: { authorization: 'Bearer new' } }).media.read('x');
  await client.with({ apiPrefix: '', headers: async () => await Promise.resolve({ authorization: 'Bearer new', 'x-tenant': 'b' }) }).media.read('x');
  expect(requests).toEqual(['GET /v1/media/x', 'GET /media/x']);
  expect(signed).toEqual(['Bearer new', 'Bearer new']);
  expect(tenants).toEqual(['a', 'b']);
});

test('a page that another server shows for an unknown path is told as a wrong address', async () => {
  const { baseURL } = await startServer((_request, response) => void response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>Not found</h1>'));
  await expect(createClient({ baseURL }).media.read('x')).rejects.toMatchObject({
    code: 'not_found',
    status: 404,
    detail: expect.stringContaining('Check baseURL and apiPrefix'),
  });
});
