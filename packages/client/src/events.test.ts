import type { ServerResponse } from 'node:http';
import { setImmediate as turn } from 'node:timers/promises';

import { expect, onTestFinished, test, vi } from 'vitest';

import { refuse, startServer } from '../test/protocol-server.ts';
import { createClient } from './create-client.ts';

const stream = (response: ServerResponse): ServerResponse => response.writeHead(200, { 'content-type': 'text/event-stream' });
const progress = (id: number): string => `id: ${id}\nevent: processing_progress\ndata: {"at":"2026-01-01T00:00:00.000Z","progress":0.${id}}\n\n`;

test('a broken stream is continued after the last received event', async () => {
  const asked: (string | string[] | undefined)[] = [];
  const { baseURL, requests } = await startServer((request, response) => {
    asked.push(request.headers['last-event-id']);
    stream(response).write('retry: 1\n\n');
    if (asked.length === 1) response.end(`${progress(1)}${progress(2)}id: 3\nevent: processing_pro`);
    else if (asked.length === 2) response.write(progress(3), () => response.destroy());
    else response.write(progress(4));
  });
  const ids: string[] = [];
  for await (const { id } of createClient({ baseURL }).events.follow({ jobId: 'j' })) {
    if (ids.push(id) === 4) break;
  }
  expect(ids).toEqual(['1', '2', '3', '4']);
  expect(asked).toEqual([undefined, '2', '3']);
  expect(requests[0]).toBe('GET /v1/events?jobId=j');
});

test('a silent connection counts as lost, one with heartbeats does not', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const timers = vi.spyOn(globalThis, 'setTimeout');
  onTestFinished(() => timers.mockRestore());
  let latest: ServerResponse | undefined;
  const { baseURL } = await startServer((_request, response) => {
    latest = stream(response);
    latest.write('retry: 1\n\n');
  });
  const states: string[] = [];
  const events = createClient({ baseURL }).events.follow({}, { heartbeatTimeoutMs: 400, onState: ({ state }) => states.push(state) });
  const first = events.next();
  /** Silence counts anew with each connection and with whatever is read. `expect.poll` would let it pass. */
  const heard = async (times: number): Promise<void> => {
    while (timers.mock.calls.filter(([, ms]) => ms === 400).length < times) await turn();
  };
  await heard(2);
  await vi.advanceTimersByTimeAsync(400);
  while (states.at(-1) !== 'reconnecting') await turn();
  await vi.advanceTimersByTimeAsync(301);
  await heard(4);
  for (let beat = 1; beat <= 5; beat++) {
    latest?.write(': beat\n\n');
    await heard(4 + beat);
    await vi.advanceTimersByTimeAsync(399);
  }
  latest?.write(progress(1));
  expect((await first).value?.id).toBe('1');
  await events.return();
  expect(states).toEqual(['connecting', 'open', 'reconnecting', 'open']);
});

test('an abort ends the iteration quietly; a refusal ends it with its problem', async () => {
  const leaving = new AbortController();
  const { baseURL } = await startServer((request, response) => {
    if (request.headers.authorization !== 'Bearer good') return refuse(response, 'unauthenticated', 'The token has expired.');
    stream(response).write(progress(1));
  });
  const ids: string[] = [];
  for await (const { id } of createClient({ baseURL, token: 'good' }).events.follow({}, { signal: leaving.signal })) {
    ids.push(id);
    leaving.abort();
  }
  expect(ids).toEqual(['1']);
  await expect(createClient({ baseURL, token: 'old' }).events.follow().next()).rejects.toMatchObject({
    code: 'unauthenticated',
    detail: 'The token has expired.',
  });
});

test('events of a kind that this client does not know are skipped', async () => {
  const { baseURL } = await startServer((_request, response) => {
    stream(response).write(`id: 1\nevent: from_the_future\ndata: {}\n\nid: 2\nevent: processing_progress\ndata: {not json\n\n${progress(3)}`);
  });
  const events = createClient({ baseURL }).events.follow();
  expect((await events.next()).value?.id).toBe('3');
  await events.return();
});

test('listeners start at the present if the server no longer has their position', async () => {
  const asked: (string | string[] | undefined)[] = [];
  const { baseURL } = await startServer((request, response) => {
    asked.push(request.headers['last-event-id']);
    if (asked.length === 2) return refuse(response, 'invalid_request', 'This Last-Event-ID is not one that this server gave out.');
    stream(response).write(`retry: 1\n\n${progress(asked.length)}`);
    if (asked.length === 1) response.end();
  });
  const heard: string[] = [];
  const states: string[] = [];
  const stop = createClient({ baseURL }).events.subscribe({ onEvent: ({ id }) => heard.push(id), onState: ({ state }) => states.push(state) });
  await expect.poll(() => heard).toEqual(['1', '3']);
  stop();
  expect(asked).toEqual([undefined, '1', undefined]);
  expect(states).toEqual(['connecting', 'open', 'reconnecting', 'connecting', 'open']);
});

test('any number of listeners share one connection, which ends with the last of them', async () => {
  const closed = Promise.withResolvers<void>();
  const streams: ServerResponse[] = [];
  const { baseURL, requests } = await startServer((_request, response) => {
    streams.push(stream(response));
    response.write(': hello\n\n');
    response.on('close', () => closed.resolve());
  });
  const client = createClient({ baseURL });
  const heard: string[] = [];
  const open = Promise.withResolvers<void>();
  const stopFirst = client.events.subscribe({ onEvent: ({ id }) => heard.push(`first ${id}`), onState: ({ state }) => state === 'open' && open.resolve() });
  await open.promise;
  const states: string[] = [];
  const stopSecond = client.events.subscribe({ onEvent: ({ id }) => heard.push(`second ${id}`), onState: ({ state }) => states.push(state) });
  expect(states, 'a newcomer is told the state it meets').toEqual(['open']);
  streams[0]?.write(progress(1));
  await expect.poll(() => heard).toEqual(['first 1', 'second 1']);
  stopFirst();
  stopFirst();
  streams[0]?.write(progress(2));
  await expect.poll(() => heard).toEqual(['first 1', 'second 1', 'second 2']);
  stopSecond();
  await closed.promise;
  expect(requests).toHaveLength(1);
});
