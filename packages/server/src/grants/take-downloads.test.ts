import { randomUUIDv7 } from 'node:crypto';

import { sql } from '#kysely';
import { expect, onTestFinished, test } from 'vitest';

import { testDatabase } from '../../test/support/database.ts';
import { systemClock } from '../lib/clock.ts';
import { systemActor } from '../lib/context.ts';
import { openDatabase } from '../lib/database.ts';
import { createLog } from '../lib/log.ts';
import { createSigning } from '../lib/signing.ts';
import { changeGrant } from './change-grant.ts';
import { settleDownloads, SettlementRefused, tellForgotten } from './settle-downloads.ts';
import { takeDownloads, type Wanted } from './take-downloads.ts';

const { db, connectionString } = await testDatabase();
const ctx = {
  actor: systemActor,
  log: createLog({ level: 'silent' }),
  signal: new AbortController().signal,
  site: {
    db,
    clock: systemClock,
    signing: createSigning([{ id: 'test', secret: 'x'.repeat(32) }]),
    baseURL: 'http://shop',
  },
};
const size = 1000;

const grant = async (max: number | null = null): Promise<Pick<Wanted, 'grantId' | 'assetId'>> => {
  const [grantId, assetId] = [randomUUIDv7(), randomUUIDv7()];
  await sql`insert into grant_ (id, transaction, request, created_by) values (${grantId}, ${grantId}, '{}', 'shop')`.execute(db);
  await sql`insert into grant_asset (grant_id, asset_id, position, max) values (${grantId}, ${assetId}, 0, ${max})`.execute(db);
  return { grantId, assetId };
};
const wanted = (of: Pick<Wanted, 'grantId' | 'assetId'>, more: Partial<Wanted> = {}): Wanted => ({
  ...of,
  objectId: of.assetId,
  size,
  bytes: size,
  resumes: false,
  clients: ['somebody'],
  addressHash: 'network',
  agentClass: 'program',
  carrier: 'proxy',
  opensPerMinute: 60,
  hasRoom: true,
  ...more,
});
const take = async (...of: Parameters<typeof wanted>): Promise<{ id: string }> => {
  const [taken] = await takeDownloads(db, [wanted(...of)]);
  if (taken === undefined) throw new Error('nothing was taken');
  return taken;
};
const used = async ({ grantId }: { grantId: string }) =>
  (await db.selectFrom('grant_asset').select('used').where('grant_id', '=', grantId).executeTakeFirstOrThrow()).used;
const told = async ({ grantId }: { grantId: string }, name: string) =>
  (
    await sql<{
      payload: { transaction: string; networks?: number };
    }>`select payload from event where name = ${name} and payload ->> 'transaction' = ${grantId}`.execute(db)
  ).rows;
const windowOf = async (id: string) => await db.selectFrom('download').selectAll().where('id', '=', id).executeTakeFirstOrThrow();

test('from the eleventh network within a day an event says once that a grant is shared, and nothing is locked', async () => {
  const of = await grant();
  for (let network = 0; network < 13; network++) {
    const { id } = await take(of, { clients: [`client ${network}`], addressHash: `network ${network}` });
    await settleDownloads(db, [{ id, reserved: 0, sent: 0, size }]);
    expect(await told(of, 'grant_shared')).toHaveLength(network < 10 ? 0 : 1);
  }
  expect(await told(of, 'grant_shared')).toEqual([{ payload: { transaction: of.grantId, networks: 11 } }]);
});

test('sent bytes are recorded while more are sent, and reserved ones are released only at the end', async () => {
  const of = await grant();
  const { id } = await take(of);
  await settleDownloads(db, [{ id, reserved: 400, sent: 400, size }]);
  expect(await windowOf(id)).toMatchObject({ bytes: 400, reserved: size, state: 'open' });
  await settleDownloads(db, [{ id, reserved: 600, sent: 100, size }]);
  expect(await windowOf(id)).toMatchObject({ bytes: 500, reserved: 500, state: 'open' });
  await take(of, { bytes: 500, resumes: true });
  await settleDownloads(db, [{ id, reserved: 500, sent: 500, size }]);
  expect(await windowOf(id)).toMatchObject({ bytes: size, state: 'complete' });
  expect(await told(of, 'download_completed')).toHaveLength(1);
});

test('a download whose process died before its first byte is given back when its window has ended, never twice', async () => {
  const of = await grant(1);
  const { id } = await take(of);
  await expect(take(of, { clients: ['another'] })).rejects.toMatchObject({ code: 'download_limit_reached' });
  await sql`update download set until = now() - interval '1 second' where id = ${id}`.execute(db);
  const second = await take(of, { clients: ['another'] });
  expect(await windowOf(id)).toMatchObject({ state: 'given_back' });
  expect(await used(of)).toBe(1);
  await settleDownloads(db, [{ id: second.id, reserved: size, sent: size, size }]);
  await sql`update download set until = now() - interval '1 second' where id = ${second.id}`.execute(db);
  await expect(take(of, { clients: ['a third'] })).rejects.toMatchObject({ code: 'download_limit_reached' });
});

test('a download that failed through our fault is given back at once, unless another request is in it', async () => {
  const of = await grant(1);
  const { id } = await take(of);
  await settleDownloads(db, [{ id, reserved: size, sent: 0, size, isFailed: true }]);
  expect([await used(of), await windowOf(id)]).toEqual([0, expect.objectContaining({ state: 'given_back', reserved: 0 })]);
  const shared = await take(of, { clients: ['another'], bytes: 400 });
  expect((await take(of, { clients: ['another'], bytes: 400 })).id).toBe(shared.id);
  await settleDownloads(db, [{ id: shared.id, reserved: 400, sent: 0, size, isFailed: true }]);
  expect([await used(of), await windowOf(shared.id)]).toEqual([1, expect.objectContaining({ state: 'open', reserved: 400 })]);
  await settleDownloads(db, [{ id: shared.id, reserved: 400, sent: 10, size }]);
  expect(await used(of)).toBe(1);
});

test('a used-up limit is reported before a lack of capacity, and a lack of capacity spends nothing', async () => {
  const of = await grant(1);
  await expect(take(of, { hasRoom: false })).rejects.toMatchObject({ code: 'rate_limited' });
  expect(await used(of)).toBe(0);
  const { id } = await take(of);
  await expect(take(of, { hasRoom: false, clients: ['another'] })).rejects.toMatchObject({ code: 'download_limit_reached' });
  await expect(take(of, { hasRoom: false })).rejects.toMatchObject({ code: 'rate_limited' });
  expect(await windowOf(id)).toMatchObject({ reserved: size });
});

test('of several files all are taken or none, and they begin as one', async () => {
  const of = await grant(1);
  const files = Array.from({ length: 70 }, () => randomUUIDv7());
  for (const [index, id] of files.entries())
    await sql`insert into grant_asset (grant_id, asset_id, position, max) values (${of.grantId}, ${id}, ${index + 1}, 1)`.execute(db);
  const all = [of.assetId, ...files].map((assetId) => wanted({ ...of, assetId }, { bytes: 10 }));
  const taken = await takeDownloads(db, all);
  expect(new Set(taken.map(({ assetId }) => assetId)).size).toBe(71);
  const again = await takeDownloads(db, all);
  expect(again.map(({ id }) => id)).toEqual(taken.map(({ id }) => id));
  // The others still have downloads left; this one has none.
  const stranger = all.map((one) => ({ ...one, clients: ['stranger'] as const }));
  await sql`update grant_asset set max = null where grant_id = ${of.grantId} and asset_id <> ${of.assetId}`.execute(db);
  await expect(takeDownloads(db, stranger)).rejects.toMatchObject({ code: 'download_limit_reached' });
  expect((await sql`select 1 from grant_asset where grant_id = ${of.grantId} and used <> 1`.execute(db)).rows).toEqual([]);
  await takeDownloads(db, stranger.slice(1));
});

test('the beginning of a download emits one event, even if its server died before it could', async () => {
  const of = await grant();
  const { id } = await take(of);
  await tellForgotten(db);
  expect(await told(of, 'download_started')).toEqual([]);
  await sql`update download set started_at = now() - interval '2 minutes' where id = ${id}`.execute(db);
  await tellForgotten(db);
  await tellForgotten(db);
  await settleDownloads(db, [{ id, reserved: size, sent: size, size }]);
  expect(await told(of, 'download_started')).toHaveLength(1);
  expect(await told(of, 'download_completed')).toHaveLength(1);
  const whole = await take(of, { clients: ['another'] });
  // A reader finds the beginning before the end, even if both are emitted at once.
  await settleDownloads(db, [{ id: whole.id, reserved: size, sent: size, size }]);
  const { rows } = await sql`select name from event where payload ->> 'downloadId' = ${whole.id} order by shard, seq`.execute(db);
  expect(rows).toEqual([{ name: 'download_started' }, { name: 'download_completed' }]);
});

test('of several answers in one window all sent bytes are recorded at once', async () => {
  const of = await grant();
  const { id } = await take(of, { bytes: 300 });
  await take(of, { bytes: 500, resumes: true });
  await settleDownloads(db, [
    { id, reserved: 300, sent: 100, size },
    { id, reserved: 500, sent: 500, size },
  ]);
  expect(await windowOf(id)).toMatchObject({ bytes: 600, reserved: 600 });
});

test('a grant can be changed while one of its downloads is being taken', async () => {
  const of = await grant();
  const holding = await db.startTransaction().execute();
  onTestFinished(async () => void (holding.isCommitted || (await holding.rollback().execute())));
  // Sooner than Postgres would look for a deadlock and restart one of them.
  await sql`set local lock_timeout = '300ms'`.execute(holding);
  await sql`select 1 from grant_asset where grant_id = ${of.grantId} for update`.execute(holding);
  const changing = changeGrant(ctx, { transaction: of.grantId, patch: { resetDownloads: true } });
  await expect
    .poll(async () => (await sql`select 1 from pg_stat_activity where wait_event_type = 'Lock' and query like '%grant_asset%'`.execute(db)).rows.length)
    .toBe(1);
  await sql`insert into download (id, grant_id, asset_id, object_id, client_hash, address_hash, agent_class, until, carrier)
    values (${randomUUIDv7()}, ${of.grantId}, ${of.assetId}, ${of.assetId}, 'c', 'a', 'program', now(), 'proxy')`.execute(holding);
  await holding.commit().execute();
  expect(await changing).toMatchObject({ version: 2 });
});

test('a record that a read-only database refuses is not lost: the same one counts once when it is repeated', async () => {
  const file = await grant();
  const { id } = await take(file);
  const all = [{ id, reserved: size, sent: 400, size }];
  const readOnly = openDatabase({ connection: `${connectionString}?options=-c%20default_transaction_read_only%3Don`, log: ctx.log, max: 1 });
  onTestFinished(() => readOnly.close());
  await expect(settleDownloads(readOnly.db, all)).rejects.toBeInstanceOf(SettlementRefused);
  await settleDownloads(db, all);
  expect(await db.selectFrom('download').select(['bytes', 'reserved', 'state']).where('id', '=', id).execute()).toEqual([
    { bytes: 400, reserved: 400, state: 'open' },
  ]);
});
