import { sql } from '#kysely';
import { expect, test } from 'vitest';

import { deleteMedia } from '../../src/collections/delete-media.ts';
import { SafelightError } from '../../src/lib/errors.ts';
import { testDatabase } from '../support/database.ts';
import { checkReads, openWorld } from '../support/lifecycle.ts';
import { readEntityMedia } from '../../src/collections/read-entity-media.ts';
import { restoreMedia } from '../../src/collections/restore-media.ts';
import { syncEntityMedia } from '../../src/collections/sync-entity-media.ts';

const { db } = await testDatabase({ max: 20 });

const deadlocks = async (): Promise<number> => {
  const { rows } = await sql<{ deadlocks: number }>`select deadlocks from pg_stat_database where datname = current_database()`.execute(db);
  return rows[0]?.deadlocks ?? 0;
};

/** Fifty of each at once: what they answer, by code. */
async function allAtOnce(works: (() => Promise<unknown>)[]): Promise<Record<string, number>> {
  const answers = await Promise.allSettled(works.map(async (work) => await work()));
  const counts: Record<string, number> = {};
  for (const answer of answers) {
    const code = answer.status === 'fulfilled' ? 'done' : answer.reason instanceof SafelightError ? answer.reason.code : String(answer.reason);
    counts[code] = (counts[code] ?? 0) + 1;
  }
  return counts;
}

test('fifty syncs, replacements, deletions, restores and gate changes at once end in one order, without a deadlock', { timeout: 120_000 }, async () => {
  const world = await openWorld(db);
  const { ctx } = world;
  const entityId = 'busy';
  const ids: string[] = [];
  for (let n = 0; n < 10; n++) {
    const id = await world.add(entityId);
    await world.ready(id);
    ids.push(id);
  }
  const { etag } = await readEntityMedia(ctx, world.entity(entityId));
  const at = (n: number): string => ids[n % ids.length] ?? '';
  const fifty = <T>(make: (n: number) => T): T[] => Array.from({ length: 50 }, (_, n) => make(n));

  const counts = await allAtOnce([
    ...fifty(
      (n) => () =>
        syncEntityMedia(ctx, {
          ...world.entity(entityId),
          ifMatch: etag,
          items: ids.toSorted(() => (n % 2) - 0.5).map((id) => ({ id, altText: `sync ${n}` })),
        }),
    ),
    ...fifty((n) => async () => await world.ready(await world.add(entityId, at(n)))),
    ...fifty((n) => () => deleteMedia(ctx, { id: at(n * 3) })),
    ...fifty((n) => () => restoreMedia(ctx, { id: at(n * 7) })),
    ...fifty((n) => () => world.setPolicy({ photoReviewEnabled: n % 2 === 0 })),
  ]);
  // A sync that came too late, or a replacement of a photo that had just been deleted or replaced: refused with a code, never lost.
  expect(Object.keys(counts).filter((code) => !['done', 'precondition_failed', 'gone', 'conflict'].includes(code))).toEqual([]);
  expect(await deadlocks()).toBe(0);

  await world.setPolicy({ photoReviewEnabled: false });
  const rows = await db
    .selectFrom('asset')
    .innerJoin('object', (join) => join.onRef('object.asset_id', '=', 'asset.id').on('object.role', '=', 'preview'))
    .selectAll('asset')
    .select('object.token')
    .select((eb) =>
      eb
        .exists(eb.selectFrom('published_asset').select('published_asset.id').whereRef('published_asset.id', '=', 'asset.id'))
        .$castTo<boolean>()
        .as('published'),
    )
    .where('asset.collection', '=', world.name)
    .orderBy('asset.sort_order')
    .orderBy('asset.id')
    .execute();
  const live = rows.filter((row) => row.deleted_at === null && row.replaces === null);
  expect(new Set(live.map((row) => row.sort_order)).size, 'no two at one position').toBe(live.length);
  expect(live.length, 'at most one for each place').toBeLessThanOrEqual(ids.length);
  expect(
    rows.filter((row) => row.deleted_at === null && row.replaces !== null),
    'with the gate open nothing that is ready waits',
  ).toEqual([]);
  await checkReads(
    world,
    entityId,
    rows.map((row) => ({ ...row, token: row.token ?? '' })),
    ['fifty of everything'],
  );
});

test(
  'of fifty tabs that each add a word, and read and save again when they were too late, no word is lost, whatever else happens',
  { timeout: 240_000 },
  async () => {
    const world = await openWorld(db);
    const { ctx } = world;
    const place = world.entity('tabs');
    const before = await deadlocks();
    const ids: string[] = [];
    for (let n = 0; n < 4; n++) {
      const id = await world.add('tabs');
      await world.ready(id);
      ids.push(id);
    }
    const [described = '', replaced = '', deleted = ''] = ids;
    let tooLate = 0;
    /** A photo may be deleted between reading and saving: that is an edit too. */
    const isTooLate = (error: unknown): boolean => error instanceof SafelightError && ['precondition_failed', 'invalid_request'].includes(error.code);
    const tab = async (word: number): Promise<void> => {
      for (;;) {
        const { media, tray, etag } = await readEntityMedia(ctx, place);
        const standing = [...media, ...tray].filter(({ replaces }) => replaces === null).toSorted((a, b) => a.sortOrder - b.sortOrder);
        const items = standing.map(({ id, altText }) => ({ id, ...(id === described ? { altText: `${altText ?? ''} ${word}`.trim() } : {}) }));
        const saved = await syncEntityMedia(ctx, { ...place, ifMatch: etag, items }).catch((error: unknown) => error);
        if (!(saved instanceof Error)) return;
        if (!isTooLate(saved)) throw saved;
        tooLate += 1;
      }
    };
    let last = replaced;
    await Promise.all([
      ...Array.from({ length: 50 }, async (_, word) => await tab(word)),
      (async () => {
        for (let n = 0; n < 10; n++) {
          const next = await world.add('tabs', last);
          await world.ready(next);
          await world.decide(next, 'approved');
          last = next;
        }
      })(),
      (async () => {
        for (let n = 0; n < 10; n++) {
          await deleteMedia(ctx, { id: deleted });
          await restoreMedia(ctx, { id: deleted });
        }
      })(),
      (async () => {
        for (let n = 0; n < 10; n++) await world.setPolicy({ photoReviewEnabled: n % 2 === 0 });
      })(),
    ]);
    const { media } = await readEntityMedia(ctx, place);
    const words =
      media
        .find(({ id }) => id === described)
        ?.altText?.split(' ')
        .map(Number) ?? [];
    expect(words.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, word) => word));
    expect(media.map(({ id }) => id)).toEqual(expect.arrayContaining([described, last, deleted]));
    expect(tooLate, 'some were too late, or nothing was at once').toBeGreaterThan(0);
    expect(await deadlocks()).toBe(before);
  },
);
