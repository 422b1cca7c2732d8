import { sql } from '#kysely';
import { expect, test } from 'vitest';

import { testDatabase } from '../../test/support/database.ts';
import { jobOfTest } from '../../test/support/jobs.ts';
import { transact } from '../lib/transact.ts';
import { claimJobs, dueLanes } from './claim-jobs.ts';
import type { JobLane } from './definitions.ts';
import { enqueueAll } from './enqueue.ts';
import type { NewJob } from './new-job.ts';

const { db } = await testDatabase({ max: 8 });
let lanes = 0;
/** Each test uses a lane that the others do not. */
const laneOfItsOwn = (): JobLane => (['short', 'long', 'review', 'upkeep'] as const)[lanes++ % 4] ?? 'short';

const fill = async (lane: JobLane, ownerId: string, count: number, more: Pick<NewJob, 'yieldSeconds' | 'startAfter'> = {}) =>
  await transact(
    db,
    async (tx) =>
      await enqueueAll(
        tx,
        Array.from({ length: count }, () => jobOfTest({ type: 'process', ownerId, lane, ...more })),
      ),
  );

test('owners take turns, however long the backlog of one of them is', async () => {
  const lane = laneOfItsOwn();
  await fill(lane, 'ada', 200);
  await fill(lane, 'bob', 2);
  await fill(lane, 'cleo', 1);
  const order: string[] = [];
  for (let n = 0; n < 8; n++) order.push(...(await claimJobs(db, { lane, most: 1, afterOwner: order.at(-1) ?? '' })).map(({ ownerId }) => ownerId));
  expect(order).toEqual(['ada', 'bob', 'cleo', 'ada', 'bob', 'ada', 'ada', 'ada']);
});

test('several free places are shared among the owners before one of them gets a second', async () => {
  const lane = laneOfItsOwn();
  for (const owner of ['ada', 'bob', 'cleo']) await fill(lane, owner, 10);
  const claimed = await claimJobs(db, { lane, most: 5, afterOwner: 'ada' });
  expect(claimed.map(({ ownerId }) => ownerId)).toEqual(['bob', 'cleo', 'ada', 'bob', 'cleo']);
});

test('many workers claim at once, and each job is held once', async () => {
  const lane = laneOfItsOwn();
  const ids = [...(await fill(lane, 'ada', 60)), ...(await fill(lane, 'bob', 60))];
  const held: string[] = [];
  const claimAll = async (): Promise<void> => {
    for (let empty = 0; empty < 3;) {
      const claimed = await claimJobs(db, { lane, most: 4, afterOwner: '' });
      held.push(...claimed.map(({ id }) => id));
      empty = claimed.length === 0 ? empty + 1 : 0;
    }
  };
  await Promise.all([claimAll(), claimAll(), claimAll(), claimAll()]);
  expect(held.toSorted()).toEqual([...ids].toSorted());
});

test('a job that waits for its time is claimed only after a check has found it due', async () => {
  const lane = laneOfItsOwn();
  const [id] = await fill(lane, 'ada', 1, { startAfter: new Date(Date.now() + 60_000) });
  expect(await dueLanes(db, [lane])).toEqual([]);
  expect(await claimJobs(db, { lane, most: 1, afterOwner: '' })).toEqual([]);
  await sql`update job set start_after = now() where id = ${id}::uuid`.execute(db);
  expect(await dueLanes(db, [lane])).toEqual([lane]);
  expect((await claimJobs(db, { lane, most: 1, afterOwner: '' })).map((job) => job.id)).toEqual([id]);
});

test('a claim reads a handful of rows even if a hundred thousand jobs wait', async () => {
  const lane = laneOfItsOwn();
  await sql`insert into job (id, type, lane, state, turn, owner_id)
    select gen_random_uuid(), 'process', ${lane}, 'queued', 'ready', 'owner ' || n % 50 from generate_series(1, 100000) n`.execute(db);
  await sql`vacuum analyze job`.execute(db);
  const { rows } = await db.transaction().execute(async (tx) => {
    expect(await claimJobs(tx, { lane, most: 1, afterOwner: 'owner 25' })).toHaveLength(1);
    return await sql<{ read: string }>`
      select pg_stat_get_xact_tuples_returned('job'::regclass) + pg_stat_get_xact_tuples_fetched('job'::regclass)
        + pg_stat_get_xact_tuples_returned('job_ready'::regclass) as read`.execute(tx);
  });
  const read = Number(rows[0]?.read);
  expect(read).toBeGreaterThan(0);
  expect(read).toBeLessThan(1_000);
});
