import type { FastifyRequest } from 'fastify';
import { expect, onTestFinished, test } from 'vitest';

import { testDatabase } from '../../test/support/database.ts';
import { testContext } from '../../test/support/jobs.ts';
import { enqueue } from '../jobs/enqueue.ts';
import { secondsFrom } from '../lib/clock.ts';
import { createSealing } from '../lib/sealing.ts';
import { transact } from '../lib/transact.ts';
import type { Answer } from './answer.ts';
import { runOnce } from './idempotency.ts';
import type { RequestContext } from './request-context.ts';

const { db, pool } = await testDatabase();

test('a created record is answered even if the answer cannot be stored', async () => {
  await pool.query(`create function refuse() returns trigger language plpgsql as $$ begin raise exception 'no space left on device'; end $$`);
  await pool.query(`create trigger refuse before update on idempotency_key for each row when (new.state = 'done') execute function refuse()`);
  onTestFinished(async () => void (await pool.query('drop trigger refuse on idempotency_key')));
  const ctx = testContext(db) as RequestContext;
  const once = { key: 'k', operation: 'openUpload', payload: {}, request: {} as FastifyRequest };
  expect(await runOnce(ctx, once, async () => ({ status: 201, body: { uploadId: '1' } }))).toEqual({ status: 201, body: { uploadId: '1' } });
});

test('a request that fails is told why, also when its key cannot be freed, which is freed when the database is back', async () => {
  await pool.query(`create or replace function keep_all() returns trigger language plpgsql as $$ begin raise exception 'terminating connection'; end $$`);
  await pool.query(`create trigger keep_all before delete on idempotency_key for each row when (old.key = 'unfreed') execute function keep_all()`);
  const ctx = testContext(db) as RequestContext;
  const once = { key: 'unfreed', operation: 'openUpload', payload: {}, request: {} as FastifyRequest };
  const full = new Error('the collection is full');
  await expect(runOnce(ctx, once, async () => await Promise.reject(full))).rejects.toBe(full);
  expect(await runOnce(ctx, { ...once, key: 'unfreed' }, async () => ({ status: 409 })).catch((error: unknown) => error)).toEqual(stillRuns);
  await pool.query('drop trigger keep_all on idempotency_key');
  await expect.poll(async () => await repeat('unfreed').catch(() => null), { timeout: 10_000 }).toEqual(made('third'));
});

test('a key is freed again when the connection is lost with the answer that it was claimed', async () => {
  let isLost = false;
  const losing = db.withPlugin({
    transformQuery: ({ node }) => node,
    async transformResult({ result }) {
      if (isLost) return result;
      isLost = true;
      throw new Error('the connection was lost');
    },
  });
  const ctx = testContext(losing) as RequestContext;
  const once = { key: 'claimed', operation: 'openUpload', payload: {}, request: {} as FastifyRequest };
  await expect(runOnce(ctx, once, async () => made('first'))).rejects.toThrow('the connection was lost');
  await expect.poll(async () => await repeat('claimed').catch(() => null), { timeout: 10_000 }).toEqual(made('third'));
});

/** A request under the key whose clock is that far ahead, and which ends only when it is told how. */
function stalled(key: string, aheadSeconds = 0) {
  const base = testContext(db) as RequestContext;
  const ctx: RequestContext = { ...base, site: { ...base.site, clock: { now: () => secondsFrom(base.site.clock.now(), aheadSeconds) } } };
  const [began, outcome] = [Promise.withResolvers<void>(), Promise.withResolvers<Answer>()];
  const once = { key, operation: 'openUpload', payload: {}, request: {} as FastifyRequest };
  const answer = runOnce(ctx, once, async () => {
    began.resolve();
    return await outcome.promise;
  });
  return { answer, began: began.promise, ...outcome };
}
const made = (uploadId: string): Answer => ({ status: 201, body: { uploadId } });
/** Another request under the key, which creates something at once if it may. */
async function repeat(key: string): Promise<Answer> {
  const third = stalled(key);
  third.resolve(made('third'));
  return await third.answer;
}
const stillRuns = expect.objectContaining({ code: 'idempotency_conflict' });

test('a request that resumes after another has taken its key leaves the answer of that one unchanged', async () => {
  const first = stalled('late');
  await first.began;
  const second = stalled('late', 60);
  await second.began;
  second.resolve(made('second'));
  expect(await second.answer).toEqual(made('second'));
  first.resolve(made('first'));
  // The record that it created exists.
  expect(await first.answer).toEqual(made('first'));
  expect(await repeat('late')).toMatchObject(made('second') as object);
});

test.each([
  ['fails', async (first: ReturnType<typeof stalled>) => (first.reject(new Error('too late')), await expect(first.answer).rejects.toThrow('too late'))],
  ['is refused', async (first: ReturnType<typeof stalled>) => (first.resolve({ status: 409 }), expect(await first.answer).toEqual({ status: 409 }))],
  ['succeeds', async (first: ReturnType<typeof stalled>) => (first.resolve(made('first')), expect(await first.answer).toEqual(made('first')))],
])('a request that comes back and %s does not free the key while the one that took it over runs', async (_how, comeBack) => {
  const key = `held ${_how}`;
  const first = stalled(key);
  await first.began;
  const second = stalled(key, 60);
  await second.began;
  await comeBack(first);
  await expect(repeat(key)).rejects.toEqual(stillRuns);
  second.resolve(made('second'));
  await second.answer;
  expect(await repeat(key)).toMatchObject(made('second') as object);
});

test('a request that resumes after another has taken its key creates nothing, where its answer is kept by the transaction that creates', async () => {
  const ctx = testContext(db) as RequestContext;
  const first = runOnce(ctx, { key: 'fenced', operation: 'importMedia', payload: {}, request: {} as FastifyRequest }, async (keepIn) => {
    const second = stalled('fenced', 60);
    await second.began;
    second.resolve(made('second'));
    await second.answer;
    await transact(db, async (tx) => {
      await enqueue(tx, { type: 'import', ownerId: 'fenced', data: { uploadId: '', assetId: '', url: '', named: false, hasQuota: false } });
      await keepIn(tx, { status: 202, body: {} });
    });
    return { status: 202, body: {} };
  });
  await expect(first).rejects.toEqual(stillRuns);
  expect(await db.selectFrom('job').select('id').where('owner_id', '=', 'fenced').execute()).toEqual([]);
  expect(await repeat('fenced')).toMatchObject(made('second') as object);
});

test('an answer that contains a secret is kept encrypted, for its key alone, and is told to be lost when the signing key is gone', async () => {
  const ctx = testContext(db) as RequestContext;
  const [old, young] = [
    { id: 'old', secret: 'o'.repeat(32) },
    { id: 'young', secret: 'y'.repeat(32) },
  ];
  const ask = async (sealing: ReturnType<typeof createSealing>, secret: string): Promise<Answer> =>
    await runOnce(ctx, { key: 'sealed', operation: 'createWebhook', payload: {}, request: {} as FastifyRequest, sealing }, async () => ({
      status: 201,
      body: { secret },
    }));
  await ask(createSealing([old]), 'whsec_first');
  const rows = await db.selectFrom('idempotency_key').selectAll().where('key', '=', 'sealed').execute();
  expect(rows).toHaveLength(1);
  expect(JSON.stringify(rows)).not.toContain('whsec_first');
  expect(await ask(createSealing([young, old]), 'whsec_second')).toMatchObject({ status: 201, body: { secret: 'whsec_first' } });
  await expect(ask(createSealing([young]), 'whsec_third')).rejects.toMatchObject({ code: 'conflict', detail: expect.stringContaining('rotate') });
});
