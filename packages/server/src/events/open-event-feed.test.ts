import { sql } from '#kysely';
import { expect, test } from 'vitest';

import { testDatabase } from '../../test/support/database.ts';
import { collect, emitOne, everything, numberOf, testFeed, told } from '../../test/support/events.ts';
import { transact } from '../lib/transact.ts';
import { cursorAt } from './cursor.ts';
import { emit } from './emit.ts';
import { interestIn } from './interests.ts';
import { pruneEvents } from './prune-events.ts';
import { shardCount } from './shards.ts';

const database = await testDatabase();
const { db } = database;
const jobId = '01890000-0000-7000-8000-00000000000a';
const mediaId = '01890000-0000-7000-8000-00000000000b';

/** A follower that has certainly begun, because it has received something. */
async function listening(feed: Awaited<ReturnType<typeof testFeed>>, options: Parameters<typeof collect>[1] = {}): Promise<ReturnType<typeof collect>> {
  const follower = collect(feed, options);
  await expect
    .poll(async () => {
      await emitOne(db, { ...told('herald', -1), jobId, mediaId, entity: { type: 'artist', id: '42' } });
      return follower.got.length;
    })
    .toBeGreaterThan(0);
  return follower;
}
const numbers = (follower: ReturnType<typeof collect>): number[] => follower.got.map(numberOf).filter((n) => n >= 0);

test('sends committed events, in order, and nothing that was rolled back', async () => {
  const feed = await testFeed(database);
  const follower = await listening(feed);
  await transact(db, async (tx) => await emit(tx, [told('ada', 1), told('ada', 2)]));
  await expect(
    transact(db, async (tx) => {
      await emit(tx, [told('ada', 3)]);
      throw new Error('no');
    }),
  ).rejects.toThrow('no');
  await emitOne(db, told('ada', 4));
  await expect.poll(() => numbers(follower)).toEqual([1, 2, 4]);
  expect(follower.got.findLast(({ event }) => event.ownerId === 'ada')?.event).toMatchObject({
    name: 'upload_progress',
    ownerId: 'ada',
    collection: null,
    entity: null,
    jobId: null,
    mediaId: null,
  });
});

test('continues after the cursor, at another server as well', async () => {
  const [one, other] = [await testFeed(database), await testFeed(database)];
  const first = await listening(one);
  for (let n = 1; n <= 3; n++) await emitOne(db, told(`owner ${n}`, n));
  await expect.poll(() => numbers(first).length).toBe(3);
  await first.stop();
  const seen = first.got.findIndex((followed) => numberOf(followed) === 2);
  const unseen = first.got
    .slice(seen + 1)
    .map(numberOf)
    .filter((n) => n >= 0);
  for (let n = 4; n <= 6; n++) await emitOne(db, told(`owner ${n}`, n));
  const second = collect(other, { after: first.got[seen]?.cursor ?? '' });
  await expect.poll(() => new Set(numbers(second))).toEqual(new Set([...unseen, 4, 5, 6]));
  expect(numbers(second)).toHaveLength(unseen.length + 3);
});

test('sends only what the filter and the follower’s rights allow', async () => {
  const feed = await testFeed(database);
  const entity = { type: 'artist', id: '42' };
  const visible = ({ ownerId }: { ownerId: string }): boolean => ownerId !== 'eve';
  const ofJob = await listening(feed, { filter: { jobId, visible } });
  const ofMedia = await listening(feed, { filter: { mediaId, visible } });
  const ofEntity = await listening(feed, { filter: { entity, visible } });
  await emitOne(db, { ...told('ada', 1), jobId });
  await emitOne(db, { ...told('ada', 2), mediaId });
  await emitOne(db, { ...told('ada', 3), entity });
  await emitOne(db, { ...told('ada', 4), entity: { type: 'artist', id: '43' } });
  await emitOne(db, { ...told('eve', 5), jobId, mediaId, entity });
  await emitOne(db, { ...told('ada', 6), jobId, mediaId, entity });
  await expect
    .poll(() => [ofJob, ofMedia, ofEntity].map(numbers))
    .toEqual([
      [1, 6],
      [2, 6],
      [3, 6],
    ]);
});

test('tells a follower of a finished job how it ended', async () => {
  const late = '01890000-0000-7000-8000-00000000000c';
  await emitOne(db, { name: 'processing_started', ownerId: 'ada', jobId: late, payload: {} });
  await emitOne(db, { ...told('ada', 1), jobId: late });
  await emitOne(db, {
    name: 'processing_failed',
    ownerId: 'ada',
    jobId: late,
    payload: { error: { code: 'corrupt_media', message: 'No.', retryable: false } },
  });
  const feed = await testFeed(database);
  const follower = collect(feed, { filter: { jobId: late, ...everything } });
  await expect.poll(() => follower.got.map(({ event }) => event.name)).toEqual(['processing_started', 'processing_failed']);
  await emitOne(db, { ...told('ada', 2), jobId: late });
  await expect.poll(() => follower.got.length).toBe(3);
  const again = collect(feed, { after: follower.got[0]?.cursor ?? '', filter: { jobId: late, ...everything } });
  await expect.poll(() => again.got.map(({ event }) => event.name)).toEqual(['upload_progress', 'processing_failed', 'upload_progress']);
});

test('hundreds of followers each get every event once and in order, also those that come while others are being told', async () => {
  const feed = await testFeed(database);
  const followers = Array.from({ length: 300 }, () => collect(feed, { filter: { visible: ({ ownerId }) => ownerId === 'many' || ownerId === 'herald' } }));
  await expect
    .poll(async () => {
      await emitOne(db, told('herald', -1));
      return followers.every(({ got }) => got.length > 0);
    })
    .toBe(true);
  const total = 40;
  for (let n = 0; n < total; n++) await emitOne(db, told(n % 3 === 0 ? 'others' : 'many', n));
  const wanted = Array.from({ length: total }, (_, n) => n).filter((n) => n % 3 !== 0);
  await expect.poll(() => followers.every((follower) => numbers(follower).length >= wanted.length)).toBe(true);
  for (const follower of followers) expect(numbers(follower)).toEqual(wanted);
});

test('replays more than is kept in memory, as fast as the follower reads and no faster', async () => {
  const feed = await testFeed(database);
  const fast = await listening(feed);
  const after = fast.got[0]?.cursor ?? '';
  const total = 5_000;
  await transact(
    db,
    async (tx) =>
      await emit(
        tx,
        Array.from({ length: total }, (_, n) => told('slow', n)),
      ),
  );
  const stopping = new AbortController();
  const slow: number[] = [];
  for await (const some of await feed.follow({ after, filter: { visible: ({ ownerId }) => ownerId === 'slow' }, signal: stopping.signal })) {
    if (slow.length === 0) await emitOne(db, told('slow', total));
    slow.push(...some.map(numberOf));
    expect(some.length).toBeLessThanOrEqual(200);
    if (slow.length === total + 1) break;
  }
  expect(slow).toEqual(Array.from({ length: total + 1 }, (_, n) => n));
  await expect.poll(() => fast.got.filter(({ event }) => event.ownerId === 'slow').length).toBe(total + 1);
});

test('replays what is left for a cursor older than the oldest event', async () => {
  const beginning = cursorAt(Array.from({ length: shardCount }, () => 0));
  await emitOne(db, told('old', 1));
  await sql`update event set at = now() - interval '8 days'`.execute(db);
  await emitOne(db, told('old', 2));
  const before = new Date(Date.now() - 7 * 86_400_000);
  expect(await pruneEvents(db, { before, signal: new AbortController().signal })).toBeGreaterThan(0);
  const feed = await testFeed(database);
  const follower = collect(feed, { after: beginning });
  await expect.poll(() => numbers(follower)).toEqual([2]);
  await emitOne(db, told('old', 3));
  await expect.poll(() => numbers(follower)).toEqual([2, 3]);
});

test('checks an event only for followers of one of its names, and tells each once', async () => {
  const feed = await testFeed(database);
  const asked: string[] = [];
  const waitingUnder = (name: string, ...interests: string[]) =>
    collect(feed, { filter: { interests, visible: ({ ownerId }) => (ownerId === 'herald' ? true : asked.push(name) > 0) } });
  const entity = { type: 'artist', id: '42' };
  const everywhere = collect(feed, { filter: { visible: () => true } });
  const twice = waitingUnder('twice', interestIn.owner('ada'), interestIn.pattern('artist/*'), interestIn.owner('herald'));
  const others = [interestIn.owner('eve'), interestIn.pattern('artist/4'), interestIn.job(mediaId), interestIn.media(jobId), interestIn.name('media_deleted')];
  const strangers = others.map((interest) => waitingUnder('a stranger', interest, interestIn.owner('herald')));
  const followers = [everywhere, twice, ...strangers];
  await expect
    .poll(async () => {
      await emitOne(db, told('herald', -1));
      return followers.every(({ got }) => got.length > 0);
    })
    .toBe(true);
  // Whoever is still to be told something is asked about all that came with it.
  await emitOne(db, told('herald', -2));
  await expect.poll(() => followers.every(({ got }) => got.some((one) => numberOf(one) === -2))).toBe(true);
  await emitOne(db, { ...told('ada', 1), jobId, mediaId, entity });
  await expect.poll(() => [numbers(everywhere), numbers(twice)]).toEqual([[1], [1]]);
  expect(new Set(asked)).toEqual(new Set(['twice']));
  // Followers that receive the same event share its serialised form.
  expect(twice.got.at(-1)).toBe(everywhere.got.at(-1));
});

test('a follower that fell behind while it was busy continues from the table, with nothing missing', async () => {
  const feed = await testFeed(database);
  const fast = await listening(feed);
  const stopping = new AbortController();
  const slow = await feed.follow({ after: null, filter: { visible: ({ ownerId }) => ownerId === 'torrent' }, signal: stopping.signal });
  const first = slow.next();
  await emitOne(db, told('torrent', 0));
  expect((await first).value?.map(numberOf)).toEqual([0]);
  const total = 9_000;
  for (let n = 1; n < total; n += 500) {
    const some = Array.from({ length: Math.min(500, total - n) }, (_, index) => told('torrent', n + index));
    await transact(db, async (tx) => await emit(tx, some));
  }
  await expect.poll(() => numbers(fast).filter((n) => n > 0).length, { timeout: 10_000 }).toBe(total - 1);
  const got: number[] = [];
  for await (const some of slow) if (got.push(...some.map(numberOf)) === total - 1) break;
  expect(got).toEqual(Array.from({ length: total - 1 }, (_, n) => n + 1));
});

test.each(['', 'nonsense', cursorAt([1, 2]), cursorAt(Array.from({ length: shardCount }, () => 1e12)), Buffer.from('-1.0.0.0.0.0.0.0').toString('base64url')])(
  'refuses the cursor %j',
  async (after) => {
    const feed = await testFeed(database);
    await expect(feed.follow({ after, filter: everything, signal: new AbortController().signal })).rejects.toMatchObject({ code: 'invalid_request' });
  },
);

test('receives events without a notification, by polling', async () => {
  const feed = await testFeed(database, { pollMs: 100 });
  const follower = await listening(feed);
  // Written without `emit`, so that there is no notification.
  await sql`with c as (update event_shard set last = last + 1 where shard = 0 returning last)
    insert into event (shard, seq, name, owner_id, payload) select 0, last, 'upload_progress', 'quiet', '{"message": "7"}' from c`.execute(db);
  await expect.poll(() => numbers(follower)).toEqual([7]);
});

test('continues without a gap if its listening connection is killed', async () => {
  const feed = await testFeed(database, { pollMs: 60_000 });
  const follower = await listening(feed);
  const kill = async (): Promise<number> =>
    (
      await sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'safelight notifications%' and datname = current_database()`.execute(
        db,
      )
    ).rows.length;
  for (let n = 0; n < 30; n++) {
    if (n % 10 === 5) await expect.poll(kill).toBeGreaterThan(0);
    await emitOne(db, told(`owner ${n % 5}`, n));
  }
  await expect.poll(() => numbers(follower).toSorted((a, b) => a - b), { timeout: 10_000 }).toEqual(Array.from({ length: 30 }, (_, n) => n));
});

test('ends when the signal aborts and when the feed closes', async () => {
  const feed = await testFeed(database);
  const [first, second] = [await listening(feed), await listening(feed)];
  await first.stop();
  await feed.close();
  const next = collect(feed);
  await second.stop();
  await next.stop();
  expect(next.got).toEqual([]);
});
