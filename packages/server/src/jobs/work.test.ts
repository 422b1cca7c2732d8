import { once } from 'node:events';

import { sql } from '#kysely';
import { describe, expect, test } from 'vitest';

import { testDatabase } from '../../test/support/database.ts';
import { enqueueOne, jobInState, jobOfTest, jobRow, testContext, testWorker } from '../../test/support/jobs.ts';
import type { Tx } from '../lib/context.ts';
import { SafelightError } from '../lib/errors.ts';
import { requireWritable } from '../lib/require-writable.ts';
import { transact } from '../lib/transact.ts';
import { cancelJob } from './cancel-job.ts';
import { jobDefinitions } from './definitions.ts';
import { enqueue, enqueueAll } from './enqueue.ts';
import type { JobContext } from './running-job.ts';

const database = await testDatabase({ max: 8 });
const { db } = database;

const never = async (ctx: JobContext): Promise<never> => {
  await once(ctx.signal, 'abort');
  throw ctx.signal.reason;
};
const queueEntries = async (): Promise<number> =>
  (await sql<{ n: number }>`select count(*)::int as n from job where turn <> 'over'`.execute(db)).rows[0]?.n ?? -1;

describe('a job', () => {
  test('runs with its payload, and shows its result', async () => {
    const assetId = '01890000-0000-7000-8000-000000000001';
    const seen: unknown[] = [];
    await testWorker(database, {
      handlers: {
        process: {
          async run({ job }) {
            seen.push({ data: job.data, owner: job.ownerId, asset: job.assetId, entity: job.entity, attempt: job.attempt });
            return { variants: 5 };
          },
        },
      },
    });
    const id = await enqueueOne(db, { type: 'process', assetId, collection: 'artist.images', entity: { type: 'artist', id: '42' }, data: { revision: 3 } });
    const row = await jobInState(db, id, 'complete');
    expect(seen).toEqual([{ data: { revision: 3 }, owner: 'ada', asset: assetId, entity: { type: 'artist', id: '42' }, attempt: 1 }]);
    expect(row).toMatchObject({ result: { variants: 5 }, progress: 1, attempts: 1, error: null });
    expect(await queueEntries()).toBe(0);
  });

  test('shows how each attempt at it ended', async () => {
    const told: string[] = [];
    let runs = 0;
    await testWorker(database, {
      handlers: {
        process: {
          run: async () => {
            runs += 1;
            if (runs === 1) throw new SafelightError('corrupt_media', 'not a picture');
          },
        },
      },
      onEnded: ({ type, outcome }) => told.push(`${type} ${outcome}`),
    });
    await jobInState(db, await enqueueOne(db, { type: 'process' }), 'failed');
    await jobInState(db, await enqueueOne(db, { type: 'process' }), 'complete');
    await expect.poll(() => told).toEqual(['process failed', 'process complete']);
  });

  test('during a read-only database spends no attempt', async () => {
    let runs = 0;
    await testWorker(database, {
      handlers: {
        process: {
          async run({ site: { db: own } }) {
            runs += 1;
            if (runs > 1) return;
            await transact(own, async (tx) => {
              await sql`set transaction read only`.execute(tx);
              await requireWritable(tx);
            });
          },
        },
      },
    });
    const id = await enqueueOne(db, { type: 'process' });
    expect(await jobInState(db, id, 'complete')).toMatchObject({ attempts: 1, error: null });
    expect(runs).toBe(2);
  });

  test('of a transaction that was rolled back never runs', async () => {
    const ran: string[] = [];
    await testWorker(database, { handlers: { process: { run: async ({ job }) => void ran.push(job.id) } } });
    await expect(
      transact(db, async (tx) => {
        await enqueue(tx, jobOfTest({ type: 'process' }));
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    const id = await enqueueOne(db, { type: 'process' });
    await jobInState(db, id, 'complete');
    expect(ran).toEqual([id]);
  });

  test('is committed together with the writes of its handler, and not at all if they are rolled back', async () => {
    let attempts = 0;
    await testWorker(database, {
      handlers: {
        process: {
          async run({ job, site: { db } }) {
            attempts++;
            await transact(db, async (tx) => {
              await job.settle(tx, { attempt: job.attempt });
              if (attempts === 1) throw new SafelightError('storage_unavailable', 'Away.');
            });
          },
        },
      },
    });
    const id = await enqueueOne(db, { type: 'process' });
    expect(await jobInState(db, id, 'complete')).toMatchObject({ result: { attempt: 2 }, attempts: 2 });
  });

  test('stays complete if its handler throws after settling', async () => {
    await testWorker(database, {
      handlers: {
        process: {
          async run({ job, site: { db } }) {
            await transact(db, async (tx) => await job.settle(tx));
            throw new Error('too late');
          },
        },
      },
    });
    const id = await enqueueOne(db, { type: 'process' });
    expect(await jobInState(db, id, 'complete')).toMatchObject({ error: null, attempts: 1 });
  });

  test('starts no sooner than requested', async () => {
    await testWorker(database, { handlers: { process: { run: async () => {} } } });
    const startAfter = new Date(Date.now() + 1_500);
    const id = await enqueueOne(db, { type: 'process', startAfter });
    const row = await jobInState(db, id, 'complete');
    expect(row.finished_at?.getTime()).toBeGreaterThan(startAfter.getTime());
  });

  test('starts even if no notification arrives', async () => {
    await testWorker(database, { notifications: false, handlers: { process: { run: async () => {} } } });
    await jobInState(db, await enqueueOne(db, { type: 'process' }), 'complete');
  });
});

describe('a singleton key', () => {
  test('allows one job until it is finished, and another one after it', async () => {
    const job = jobOfTest({ type: 'purge', singletonKey: 'asset 7' });
    const first = await enqueueOne(db, job);
    expect(await enqueueOne(db, job)).toBe(first);
    expect(await enqueueOne(db, { ...job, singletonKey: 'asset 8' })).not.toBe(first);
    expect(await transact(db, async (tx) => await enqueueAll(tx, [job, job]))).toEqual([first, first]);
    await testWorker(database, { handlers: { purge: { run: async () => {} } } });
    await jobInState(db, first, 'complete');
    const second = await enqueueOne(db, job);
    expect(second).not.toBe(first);
    await jobInState(db, second, 'complete');
  });

  test('creates one job when many ask at once', async () => {
    const ids = await Promise.all(Array.from({ length: 20 }, async () => await enqueueOne(db, { type: 'purge', singletonKey: 'rush' })));
    expect(new Set(ids).size).toBe(1);
    await testWorker(database, { handlers: { purge: { run: async () => {} } } });
    await jobInState(db, String(ids[0]), 'complete');
  });
});

describe('a failing job', () => {
  test('is retried after a pause if that can help, and shows why in the meantime', async () => {
    let attempts = 0;
    await testWorker(database, {
      handlers: {
        process: {
          async run() {
            if (++attempts === 1) throw new SafelightError('storage_unavailable', 'The store is away.');
            return { ok: true };
          },
        },
      },
    });
    const id = await enqueueOne(db, { type: 'process' });
    expect(await jobInState(db, id, 'retrying')).toMatchObject({
      attempts: 1,
      error: { code: 'storage_unavailable', message: 'The store is away.', retryable: true },
    });
    expect(await jobInState(db, id, 'complete')).toMatchObject({ attempts: 2, error: null, result: { ok: true } });
  });

  test('fails at once if a retry cannot help, together with its consequences', async () => {
    const told: unknown[] = [];
    await testWorker(database, {
      handlers: {
        process: {
          async run() {
            throw new SafelightError('corrupt_media', 'The file ends in the middle.');
          },
          async onFailed(tx, job, { error }) {
            const row = await tx.selectFrom('job').select('state').where('id', '=', job.id).executeTakeFirstOrThrow();
            told.push({ id: job.id, state: row.state, code: error.code });
          },
        },
      },
    });
    const id = await enqueueOne(db, { type: 'process' });
    expect(await jobInState(db, id, 'failed')).toMatchObject({
      attempts: 1,
      error: { code: 'corrupt_media', message: 'The file ends in the middle.', retryable: false },
    });
    expect(told).toEqual([{ id, state: 'failed', code: 'corrupt_media' }]);
    expect(await queueEntries()).toBe(0);
  });

  test('fails for good after its last attempt, once', async () => {
    let attempts = 0;
    const told: string[] = [];
    await testWorker(database, {
      handlers: {
        'announce.gate': {
          async run() {
            attempts++;
            // Skips the pauses; everything else is unchanged.
            await sql`update job set start_after = now() where turn = 'later'`.execute(db);
            throw new Error('boom');
          },
          onFailed: async (_tx, job) => void told.push(job.id),
        },
      },
    });
    const id = await enqueueOne(db, { type: 'announce.gate' });
    await expect
      .poll(
        async () => {
          await sql`update job set start_after = now() where turn = 'later'`.execute(db);
          return (await jobRow(db, id)).state;
        },
        { timeout: 20_000 },
      )
      .toBe('failed');
    expect(attempts).toBe(jobDefinitions['announce.gate'].maxAttempts);
    expect(await jobRow(db, id)).toMatchObject({ attempts, error: { code: 'internal', retryable: true } });
    expect(told).toEqual([id]);
  });

  test('fails without waiting for a transaction that enqueues it again and holds its rows', async () => {
    const place = 4711;
    let [tries, ends] = [0, 0];
    const lockPlace = async (tx: Tx): Promise<void> => void (await sql`select pg_advisory_xact_lock(${place})`.execute(tx));
    const begun = Promise.withResolvers<void>();
    const fail = Promise.withResolvers<void>();
    await testWorker(database, {
      handlers: {
        process: {
          async run() {
            begun.resolve();
            await fail.promise;
            throw new SafelightError('corrupt_media', 'No.');
          },
          hold: lockPlace,
          async onFailed(tx) {
            ends++;
            await lockPlace(tx);
          },
        },
      },
    });
    const id = await enqueueOne(db, { type: 'process', singletonKey: 'one' });
    await begun.promise;
    const again = await transact(db, async (tx) => {
      tries++;
      await lockPlace(tx);
      fail.resolve();
      const waiting = () => sql`select 1 from pg_locks where locktype = 'advisory' and objid = ${place} and not granted`.execute(db);
      await expect.poll(async () => (await waiting()).rows.length, { timeout: 20_000 }).toBe(1);
      return await enqueue(tx, jobOfTest({ type: 'process', singletonKey: 'one' }));
    });
    await jobInState(db, id, 'failed');
    expect({ again, tries, ends }).toEqual({ again: id, tries: 1, ends: 1 });
  });

  test('does not fail while its consequences cannot be recorded', async () => {
    let tries = 0;
    await testWorker(database, {
      handlers: {
        process: {
          async run() {
            throw new SafelightError('corrupt_media', 'No.');
          },
          async onFailed() {
            if (++tries === 1) throw new Error('the hook fell over');
          },
        },
      },
    });
    const id = await enqueueOne(db, { type: 'process' });
    await jobInState(db, id, 'failed');
    expect(tries).toBe(2);
  });
});

describe('cancelling', () => {
  test('ends a waiting job at once, with its consequences', async () => {
    const id = await enqueueOne(db, { type: 'process', startAfter: new Date(Date.now() + 3_600_000) });
    expect(await cancelJob(testContext(db), id)).toMatchObject({ state: 'cancelled' });
    const told: string[] = [];
    await testWorker(database, { handlers: { process: { run: async () => void told.push('ran'), onCancelled: async (_tx, job) => void told.push(job.id) } } });
    await expect.poll(queueEntries).toBe(0);
    expect(told).toEqual([id]);
    expect(await jobRow(db, id)).toMatchObject({ state: 'cancelled', attempts: 0 });
  });

  test.each([{ notifications: true }, { notifications: false }])(
    'aborts a job that is being done (notifications: $notifications)',
    async ({ notifications }) => {
      const told: string[] = [];
      await testWorker(database, { notifications, handlers: { process: { run: never, onCancelled: async (_tx, job) => void told.push(job.id) } } });
      const id = await enqueueOne(db, { type: 'process' });
      await jobInState(db, id, 'active');
      expect(await cancelJob(testContext(db), id)).toMatchObject({ state: 'active' });
      await cancelJob(testContext(db), id);
      await jobInState(db, id, 'cancelled');
      expect(told).toEqual([id]);
      expect(await cancelJob(testContext(db), id)).toMatchObject({ state: 'cancelled' });
    },
  );

  test('leaves a finished job as it is', async () => {
    await testWorker(database, { handlers: { process: { run: async () => {} } } });
    const id = await enqueueOne(db, { type: 'process' });
    await jobInState(db, id, 'complete');
    expect(await cancelJob(testContext(db), id)).toMatchObject({ state: 'complete' });
  });
});

describe('a worker', () => {
  test('runs a thousand jobs, each once, next to another worker', async () => {
    const times = new Map<string, number>();
    const handlers = { process: { run: async ({ job }: JobContext) => void times.set(job.id, (times.get(job.id) ?? 0) + 1) } };
    const ids = await transact(
      db,
      async (tx) =>
        await enqueueAll(
          tx,
          Array.from({ length: 1_000 }, () => jobOfTest({ type: 'process' })),
        ),
    );
    await Promise.all([testWorker(database, { handlers, lanes: { short: 8 } }), testWorker(database, { handlers, lanes: { short: 8 } })]);
    await expect.poll(queueEntries, { timeout: 25_000 }).toBe(0);
    expect(times.size).toBe(1_000);
    expect([...times.values()].every((n) => n === 1)).toBe(true);
    expect(ids.every((id) => times.has(id))).toBe(true);
  });

  test('runs short work while all places for long work are taken', async () => {
    await testWorker(database, {
      handlers: { process: { run: async (ctx) => (ctx.job.data['video'] === true ? await never(ctx) : undefined) } },
      lanes: { short: 1, long: 1 },
    });
    const long = await Promise.all([1, 2, 3].map(async () => await enqueueOne(db, { type: 'process', lane: 'long', data: { video: true } })));
    await expect
      .poll(async () => (await Promise.all(long.map(async (id) => (await jobRow(db, id)).state))).filter((state) => state === 'active').length)
      .toBe(1);
    await jobInState(db, await enqueueOne(db, { type: 'process' }), 'complete');
    for (const id of long) await cancelJob(testContext(db), id);
    for (const id of long) await jobInState(db, id, 'cancelled');
    await expect.poll(queueEntries).toBe(0);
  });

  test('runs urgent work of an owner before background work', async () => {
    const order: number[] = [];
    for (const yieldSeconds of [600, 60, 0]) await enqueueOne(db, { type: 'process', yieldSeconds, data: { yieldSeconds } });
    await testWorker(database, { handlers: { process: { run: async ({ job }) => void order.push(Number(job.data['yieldSeconds'])) } }, lanes: { short: 1 } });
    await expect.poll(() => order.length).toBe(3);
    expect(order).toEqual([0, 60, 600]);
    await expect.poll(queueEntries).toBe(0);
  });

  test('finishes what it can within the grace period and hands the rest back uncounted', async () => {
    const quickly = Promise.withResolvers<void>();
    const reasons: unknown[] = [];
    const worker = await testWorker(database, {
      handlers: {
        process: {
          async run(ctx) {
            if (ctx.job.data['quick'] === true) return await quickly.promise;
            await never(ctx).catch((reason: unknown) => reasons.push(reason));
            throw new Error('interrupted');
          },
        },
      },
    });
    const quick = await enqueueOne(db, { type: 'process', data: { quick: true } });
    const slow = await enqueueOne(db, { type: 'process' });
    await jobInState(db, quick, 'active');
    await jobInState(db, slow, 'active');
    const stopped = worker.stop({ graceMs: 300 });
    quickly.resolve();
    await stopped;
    expect(worker.running()).toBe(0);
    expect(await jobRow(db, quick)).toMatchObject({ state: 'complete' });
    expect(await jobRow(db, slow)).toMatchObject({ state: 'queued', attempts: 0, error: null });
    expect(reasons).toHaveLength(1);
    await testWorker(database, { handlers: { process: { run: async () => {} } } });
    expect(await jobInState(db, slow, 'complete')).toMatchObject({ attempts: 1 });
  });

  test('gives back jobs of an unknown type', async () => {
    const id = await enqueueOne(db, { type: 'mirror' });
    const worker = await testWorker(database, { handlers: {}, lanes: { long: 1 } });
    const entry = async (): Promise<{ turn: string } | undefined> =>
      (await sql<{ turn: string }>`select turn from job where id = ${id}::uuid`.execute(db)).rows[0];
    await expect.poll(entry).toEqual({ turn: 'later' });
    expect(await jobRow(db, id)).toMatchObject({ state: 'queued', attempts: 0 });
    await worker.stop({ graceMs: 0 });
    await sql`update job set start_after = now() where turn = 'later'`.execute(db);
    await testWorker(database, { handlers: { mirror: { run: async () => {} } }, lanes: { long: 1 } });
    await jobInState(db, id, 'complete');
  });

  test('records progress now and then, not at every report, and never after the end', async () => {
    const told: (number | null)[] = [];
    const done = Promise.withResolvers<void>();
    await testWorker(database, {
      onProgress: async (_tx, _job, { progress }) => void told.push(progress),
      handlers: {
        process: {
          async run({ job }) {
            for (let i = 1; i <= 1_000; i++) job.progress(i / 2_000, `${i} of 2000`);
            await done.promise;
            job.progress(0.9);
          },
        },
      },
    });
    const id = await enqueueOne(db, { type: 'process' });
    await expect.poll(async () => (await jobRow(db, id)).progress).toBe(0.5);
    expect(await jobRow(db, id)).toMatchObject({ message: '1000 of 2000', state: 'active' });
    done.resolve();
    await jobInState(db, id, 'complete');
    // Its message ends with it.
    expect(await jobRow(db, id)).toMatchObject({ progress: 1, message: null });
    expect(told).toEqual([0.5]);
  });
});
