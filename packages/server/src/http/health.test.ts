import { Writable } from 'node:stream';

import fastify from 'fastify';
import { expect, onTestFinished, test, vi } from 'vitest';

import { patienceMs } from '../lib/patience.ts';
import { createReadiness, registerHealth, type Health } from './health.ts';

function appWith(checks: Health['checks']) {
  let log = '';
  const destination = new Writable({ write: (chunk: Buffer, _encoding, done) => ((log += chunk.toString()), done()) });
  const app = fastify({ logger: { level: 'warn', stream: destination } });
  registerHealth(app, createReadiness({ checks }));
  return { ready: async () => await app.inject('/readyz'), logged: () => log };
}
const inside = 'connect ECONNREFUSED 10.1.2.3:5432 of postgres://ada:hunter2@db.internal/photos';

test('everybody sees which part does not work, and only the log says why', async () => {
  const { ready, logged } = appWith({
    database: async () => Promise.reject(new Error(inside)),
    storage: async () => {},
  });
  const { statusCode, headers, body } = await ready();
  expect({ statusCode, cache: headers['cache-control'] }).toEqual({ statusCode: 503, cache: 'no-store' });
  expect(JSON.parse(body)).toEqual({ status: 'not ready', checks: { database: 'does not work at this moment; the log says why', storage: 'ok' } });
  expect(logged()).toContain('ECONNREFUSED');
});

test('each part is checked once, however many requests come at once', async () => {
  let asked = 0;
  const { promise, resolve } = Promise.withResolvers<void>();
  const { ready } = appWith({ storage: async () => ((asked += 1), await promise) });
  const answers = Promise.all(Array.from({ length: 20 }, ready));
  await expect.poll(() => asked).toBe(1);
  resolve();
  expect(new Set((await answers).map(({ body }) => body))).toEqual(new Set(['{"status":"ready","checks":{"storage":"ok"}}']));
  await ready();
  expect(asked).toBe(2);
});

test('a part that answers nothing does not work, and the next request asks it again', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  let isFrozen = true;
  const { ready } = appWith({ database: async () => await (isFrozen ? new Promise(() => undefined) : Promise.resolve()) });
  const answer = ready();
  await vi.waitFor(() => expect(vi.getTimerCount()).toBe(1));
  await vi.advanceTimersByTimeAsync(patienceMs.check);
  expect((await answer).statusCode).toBe(503);
  isFrozen = false;
  expect((await ready()).statusCode).toBe(200);
});
