import { randomUUIDv7 } from 'node:crypto';

import { sql } from '#kysely';
import { expect, test } from 'vitest';

import { testDatabase } from '../../test/support/database.ts';
import { keepMonthsOfDownloads } from './keep-months-of-downloads.ts';

const { db } = await testDatabase();

const tables = async (): Promise<string[]> =>
  (
    await sql<{ name: string }>`select inhrelid::regclass::text as name from pg_inherits where inhparent = 'download'::regclass order by 1`.execute(db)
  ).rows.map(({ name }) => name);
const where = async (id: string): Promise<string | undefined> =>
  (await sql<{ name: string }>`select tableoid::regclass::text as name from download where id = ${id}`.execute(db)).rows[0]?.name;
const download = async (grantId: string, startedAt: string): Promise<string> => {
  const id = randomUUIDv7();
  await sql`insert into download (id, grant_id, asset_id, object_id, client_hash, address_hash, agent_class, started_at, until, carrier)
    values (${id}, ${grantId}, ${id}, ${id}, 'c', 'a', 'program', ${startedAt}::timestamptz, now(), 'proxy')`.execute(db);
  return id;
};
const monthsAgo = async (months: number): Promise<{ name: string; at: string }> => {
  const { rows } = await sql<{ name: string; at: string }>`
    select to_char(at, '"download_"YYYY_MM') as name, to_char(at, 'YYYY-MM-DD') || 'T23:59:59Z' as at
    from (select date_trunc('month', now() at time zone 'utc') - ${months} * interval '1 month' + interval '14 days' as at) as middle`.execute(db);
  return rows[0] ?? expect.fail('Postgres knows no date');
};

test('older downloads are moved to the tables of their months, new ones go to theirs, and old tables are dropped whole', async () => {
  const grantId = randomUUIDv7();
  await sql`insert into grant_ (id, transaction, request, created_by) values (${grantId}, 'order-1', '{}', 'shop')`.execute(db);
  const [now, year, old, next] = [await monthsAgo(0), await monthsAgo(12), await monthsAgo(25), await monthsAgo(-1)];
  const kept = [await download(grantId, now.at), await download(grantId, year.at)];
  const gone = await download(grantId, old.at);

  await keepMonthsOfDownloads(db, null);
  expect([await where(kept[0] ?? ''), await where(kept[1] ?? ''), await where(gone)]).toEqual([now.name, year.name, old.name]);
  expect(await tables()).toEqual([old.name, year.name, now.name, next.name, (await monthsAgo(-2)).name, 'download_other']);

  await keepMonthsOfDownloads(db, null);
  expect(await where(gone)).toBe(old.name);
  await Promise.all([keepMonthsOfDownloads(db, 24), keepMonthsOfDownloads(db, 24)]);
  expect(await where(gone)).toBeUndefined();
  expect(await tables()).not.toContain(old.name);
  expect(await where(kept[1] ?? '')).toBe(year.name);

  // A month that had no table is moved afterwards.
  const late = await monthsAgo(-7);
  const ahead = await download(grantId, late.at);
  expect(await where(ahead)).toBe('download_other');
  await keepMonthsOfDownloads(db, 24);
  expect(await where(ahead)).toBe(late.name);

  // Downloads are deleted with their grant, in every table.
  await sql`delete from grant_ where id = ${grantId}`.execute(db);
  expect((await sql`select 1 from download`.execute(db)).rows).toEqual([]);
});
