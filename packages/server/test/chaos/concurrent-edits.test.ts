import { sql } from 'kysely';
import { expect, test } from 'vitest';

import { deleteMedia } from '../../src/assets/delete-media.ts';
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

/** Fifty of each at once: what they answer, by its code. */
async function allAtOnce(works: (() => Promise<unknown>)[]): Promise<Record<string, number>> {
  const answers = await Promise.allSettled(works.map(async (work) => await work()));
  const counts: Record<string, number> = {};
  for (const answer of answers) {
    const code = answer.status === 'fulfilled' ? 'done' : answer.reason instanceof SafelightError ? answer.reason.code : String(answer.reason);
    counts[code] = (counts[code] ?? 0) + 1;
  }
  return counts;
}

test('fifty syncs, replacements, deletions, restores and turns of the gate at once end in one order, without a deadlock', { timeout: 120_000 }, async () => {
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
  // A sync that came too late, a replacement of what had just been deleted or replaced: refused in words, never lost.
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
