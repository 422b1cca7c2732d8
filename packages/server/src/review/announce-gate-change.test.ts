import { sql } from '#kysely';
import { expect, test } from 'vitest';

import { deleteMedia } from '../collections/delete-media.ts';
import { readEntityMedia } from '../collections/read-entity-media.ts';
import { restoreMedia } from '../collections/restore-media.ts';
import { shardOf } from '../events/shards.ts';
import { anonymous } from '../http/authenticate.ts';
import { testDatabase } from '../../test/support/database.ts';
import { jobInState, testWorker } from '../../test/support/jobs.ts';
import { openWorld, shownByEvents, type World } from '../../test/support/lifecycle.ts';
import { announceGateChange } from './announce-gate-change.ts';
import { announceGateJob } from './jobs.ts';

const database = await testDatabase({ max: 10 });
const { db } = database;

/** Many ready, visible photos, with as many statements as there are tables. */
async function fill(world: World, count: number): Promise<void> {
  await sql`
    insert into asset (id, collection, entity_type, entity_id, owner_id, kind, purpose, status, original_file_name, mime_type, byte_size, sort_order)
    select uuidv7(), ${world.name}, 'thing', 'full', ${world.ctx.actor.id}, 'image', 'gallery', 'ready', 'photo.jpg', 'image/jpeg', 1, n from generate_series(1, ${count}) n`.execute(
    db,
  );
}
const heads = async (): Promise<Map<number, number>> =>
  new Map((await db.selectFrom('event_shard').selectAll().execute()).map(({ shard, last }) => [shard, last]));
/** The events of this collection since then: how many of each name, and for how many photos. */
async function toldSince(world: World, before: ReadonlyMap<number, number>): Promise<Record<string, [events: number, photos: number]>> {
  const rows = await db.selectFrom('event').select(['name', 'media_id', 'shard', 'seq']).where('collection', '=', world.name).execute();
  const counts: Record<string, [number, number]> = {};
  for (const name of new Set(rows.map((row) => row.name))) {
    const since = rows.filter((row) => row.name === name && row.seq > (before.get(row.shard) ?? 0));
    if (since.length > 0) counts[name] = [since.length, new Set(since.map(({ media_id }) => media_id)).size];
  }
  return counts;
}
const jobOf = async (world: World): Promise<string> => {
  const jobs = await db.selectFrom('job').select('id').where('type', '=', 'announce.gate').where('collection', '=', world.name).orderBy('id', 'desc').execute();
  return jobs[0]?.id ?? '';
};
const gallery = async (world: World): Promise<number> => (await readEntityMedia({ ...world.ctx, actor: anonymous }, world.entity('full'))).media.length;

test('a gate change affects everything at once and emits one event for each photo, however many there are, including waiting replacements', async () => {
  const count = 1_203;
  const world = await openWorld(db);
  await testWorker(database, {
    site: world.ctx.site,
    handlers: { 'announce.gate': announceGateJob, review: { run: async () => undefined } },
  });
  await fill(world, count);
  expect(await gallery(world)).toBe(count);

  let before = await heads();
  await world.setPolicy({ photoReviewEnabled: true });
  expect(await gallery(world)).toBe(0);
  expect(await jobInState(db, await jobOf(world), 'complete')).toMatchObject({ owner_id: world.ctx.actor.id, progress: 1 });
  expect(await toldSince(world, before)).toEqual({ policy_changed: [1, 1], media_unpublished: [count, count], review_queued: [count, count] });
  const reviews = await db.selectFrom('job').select('asset_id').distinct().where('type', '=', 'review').where('collection', '=', world.name).execute();
  expect(reviews).toHaveLength(count);

  // The last of them is replaced in the meantime.
  const { id: last } = await db.selectFrom('asset').select('id').where('collection', '=', world.name).orderBy('id', 'desc').executeTakeFirstOrThrow();
  const better = await world.add('full', last);
  await world.ready(better);

  before = await heads();
  await world.setPolicy({ photoReviewEnabled: false });
  await jobInState(db, await jobOf(world), 'complete');
  expect(await gallery(world)).toBe(count);
  expect(await toldSince(world, before)).toMatchObject({ policy_changed: [1, 1], media_replaced: [1, 1] });
  const { media_published: published } = await toldSince(world, before);
  expect(published).toEqual([count, count]);
  const { rows } = await sql`select 1 from asset where gate_turn is not null`.execute(db);
  expect(rows).toEqual([]);
});

test('a follower of the events shows what can be read, even if photos are reviewed, deleted and restored before their event', async () => {
  const world = await openWorld(db);
  const idle = { job: { progress: () => undefined }, signal: new AbortController().signal };
  const tellAll = async (): Promise<void> => await announceGateChange({ ...world.ctx, ...idle }, { collection: world.name });
  await fill(world, 1_300);
  await world.setPolicy({ photoReviewEnabled: true });
  await tellAll();
  // From here on nothing is visible, and the follower starts without knowing anything.
  world.since.set('full', (await heads()).get(shardOf(world.ctx.actor.id)) ?? 0);
  const ids = (await db.selectFrom('asset').select('id').where('collection', '=', world.name).orderBy('id', 'desc').execute()).map(({ id }) => id);
  const meanwhile = async (works: ((id: string) => Promise<unknown>)[]): Promise<void> => {
    for (const [n, id] of ids.slice(0, 90).entries()) await works[n % works.length]?.(id);
  };
  const expectAgreement = async (): Promise<void> => {
    const shown = (await readEntityMedia({ ...world.ctx, actor: anonymous }, world.entity('full'))).media.map(({ id }) => id).toSorted();
    expect(await shownByEvents(world, 'full')).toEqual({ byName: shown, byRecord: shown });
  };
  const remove = async (id: string) => await deleteMedia(world.ctx, { id });
  const reject = async (id: string) => await world.decide(id, 'rejected');
  const approve = async (id: string) => await world.decide(id, 'approved');
  const putBack = async (id: string) => await restoreMedia(world.ctx, { id });

  await world.setPolicy({ photoReviewEnabled: false });
  await Promise.all([tellAll(), meanwhile([remove, reject, async (id) => (await remove(id), await putBack(id))])]);
  await expectAgreement();
  await world.setPolicy({ photoReviewEnabled: true });
  // Before the events of these.
  await meanwhile([putBack, approve, remove]);
  await tellAll();
  await expectAgreement();
  // Two changes before any event of the first.
  await world.setPolicy({ photoReviewEnabled: false });
  await world.setPolicy({ photoReviewEnabled: true });
  await tellAll();
  await expectAgreement();
});

test('events that a dead worker did not emit are emitted by the next attempt, one for each photo', async () => {
  const world = await openWorld(db);
  await fill(world, 1_100);
  const before = await heads();
  await world.setPolicy({ photoReviewEnabled: true });
  const dying = new AbortController();
  const job = { job: { progress: () => dying.abort(new Error('the worker dies')) }, signal: dying.signal };
  await expect(announceGateChange({ ...world.ctx, ...job }, { collection: world.name })).rejects.toThrow('the worker dies');
  const next = { job: { progress: () => undefined }, signal: new AbortController().signal };
  await announceGateChange({ ...world.ctx, ...next }, { collection: world.name });
  expect(await toldSince(world, before)).toMatchObject({ media_unpublished: [1_100, 1_100], review_queued: [1_100, 1_100] });
});

test('another reviewer is asked about failed and waiting photos, with a few statements', async () => {
  const world = await openWorld(db);
  await world.setPolicy({ photoReviewEnabled: true, photoReviewProvider: 'disabled' });
  await fill(world, 400);
  await sql`update asset set review = case when sort_order % 2 = 0 then 'failed' else 'queued' end where collection = ${world.name}`.execute(db);
  const before = await heads();
  await world.setPolicy({ photoReviewProvider: 'manual' });
  expect(await toldSince(world, before)).toMatchObject({ review_queued: [400, 400] });
  const left = await db.selectFrom('asset').select('id').where('collection', '=', world.name).where('review', '<>', 'queued').execute();
  expect(left).toEqual([]);
});
