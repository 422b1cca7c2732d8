import { PgBoss } from 'pg-boss';
import { expect, test } from 'vitest';

import { testDatabase } from '../../test/support/database.ts';
import { openLog } from '../lib/log.ts';
import { openJobs } from './open-jobs.ts';

const { db, pool } = await testDatabase();
const log = openLog({ level: 'silent' });

test('the tables that our migrations make are those that this pg-boss would make', async () => {
  const boss = new PgBoss({ db: { executeSql: async (text, values) => await pool.query(text, values) } });
  const { ok, extraIndexes, ...drift } = await boss.detectSchemaDrift();
  expect(ok, JSON.stringify(drift)).toBe(true);
  expect(extraIndexes.map(({ name }) => name)).toEqual(['safelight_active']);
});

test('any number of processes may open it at once', async () => {
  const opened = await Promise.all([1, 2, 3, 4].map(async () => await openJobs({ pool, db, log })));
  expect(await Promise.all(opened.map(async (jobs) => await jobs.claim('short', 1)))).toEqual([[], [], [], []]);
  for (const jobs of opened) await jobs.close();
});

test('says what to do when the queue is not there', async () => {
  await pool.query('alter schema pgboss rename to elsewhere');
  await expect(openJobs({ pool, db, log })).rejects.toThrow('Run `safelight migrate`');
});
