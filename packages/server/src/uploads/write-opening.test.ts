import { sql } from '#kysely';
import { expect, test } from 'vitest';

import { testDatabase } from '../../test/support/database.ts';
import { testUploads, type TestUploads } from '../../test/support/uploads.ts';
import { openDatabase } from '../lib/database.ts';
import { createLog } from '../lib/log.ts';
import { openResumable } from './open-resumable.ts';

const owners = ['ada', 'bob', 'cyd', 'dan', 'eve', 'fay'];

const open = async ({ ctx }: TestUploads, id: string, db = ctx.site.db) =>
  await openResumable(
    { ...ctx, actor: { ...ctx.actor, id }, site: { ...ctx.site, db } },
    {
      destination: { collection: 'product.files', entityType: 'product', entityId: id },
      fileName: 'a.txt',
      contentType: null,
      length: 5,
      metadata: null,
      concat: null,
    },
  );

/** The events of each shard: their numbers and what they are about. */
async function eventsOf({ ctx }: TestUploads) {
  const { rows } = await sql<{ shard: number; seq: number; owner_id: string; media_id: string; entity_id: string; payload: unknown }>`
    select shard, seq, owner_id, media_id, entity_id, payload from event order by shard, seq`.execute(ctx.site.db);
  return rows;
}

/** Every shard's counter is the number of its last event, and none is left out. */
async function expectNoGap(uploads: TestUploads): Promise<void> {
  const events = await eventsOf(uploads);
  const { rows: counters } = await sql<{ shard: number; last: number }>`select shard, last from event_shard order by shard`.execute(uploads.ctx.site.db);
  for (const { shard, last } of counters)
    expect(events.filter((event) => event.shard === shard).map(({ seq }) => seq)).toEqual(Array.from({ length: last }, (_, index) => index + 1));
}

test('uploads of several owners that are opened at once tell the followers of each, in one statement', async () => {
  const uploads = await testUploads();
  await open(uploads, 'first');
  const before = await eventsOf(uploads);
  const opened = await Promise.all(owners.map((owner) => open(uploads, owner)));
  const told = (await eventsOf(uploads)).filter(({ owner_id: owner }) => owner !== 'first');
  expect(before).toHaveLength(1);
  expect(new Set(told.map(({ shard }) => shard)).size).toBeGreaterThan(2);
  expect(
    told
      .map(({ owner_id: owner, media_id: media, entity_id: entity, payload }) => ({ owner, media, entity, payload }))
      .toSorted((a, b) => a.owner.localeCompare(b.owner)),
  ).toEqual(opened.map(({ asset_id: media, owner_id: owner }) => ({ owner, media, entity: owner, payload: {} })));
  await expectNoGap(uploads);
});

test('one that is refused tells nobody', async () => {
  const uploads = await testUploads();
  await open(uploads, 'ada');
  await sql`update policy set rules = jsonb_set(rules, '{maxItems}', '0') where collection = 'product.files'`.execute(uploads.ctx.site.db);
  await expect(open(uploads, 'ada')).rejects.toMatchObject({ code: 'collection_full' });
  expect(await eventsOf(uploads)).toHaveLength(1);
  await expectNoGap(uploads);
});

test('two servers that open uploads of the same owners at once wait for each other, and no event is lost', async () => {
  const database = await testDatabase();
  const uploads = await testUploads({ db: database.db });
  const other = openDatabase({ connection: database.connectionString, log: createLog({ level: 'silent' }) });
  const servers = [database.db, other.db];
  for (const db of servers) await open(uploads, 'first', db);
  const around = [...owners, ...owners.toReversed()];
  await Promise.all(servers.flatMap((db, index) => (index === 0 ? around : around.toReversed()).map((owner) => open(uploads, owner, db))));
  await other.close();
  expect(await eventsOf(uploads)).toHaveLength(2 + 4 * owners.length);
  await expectNoGap(uploads);
});
