import { expect, test } from 'vitest';

import { SafelightError } from '../lib/errors.ts';
import { testDatabase } from '../../test/support/database.ts';
import { openWorld } from '../../test/support/lifecycle.ts';
import { readEntityMedia } from './read-entity-media.ts';
import { syncEntityMedia } from './sync-entity-media.ts';

const { db } = await testDatabase({ max: 20 });

test('of fifty syncs from one state one is taken, and the others are told that they are too late', { timeout: 60_000 }, async () => {
  const world = await openWorld(db);
  const ids = [await world.add('form'), await world.add('form'), await world.add('form')];
  const { etag } = await readEntityMedia(world.ctx, world.entity('form'));
  const answers = await Promise.allSettled(
    Array.from(
      { length: 50 },
      async (_, n) => await syncEntityMedia(world.ctx, { ...world.entity('form'), ifMatch: etag, items: ids.map((id) => ({ id, altText: `${n}` })) }),
    ),
  );
  const codes = answers.map((answer) =>
    answer.status === 'fulfilled' ? 'done' : answer.reason instanceof SafelightError ? answer.reason.code : String(answer.reason),
  );
  expect(codes.toSorted()).toEqual(['done', ...Array.from({ length: 49 }, () => 'precondition_failed')]);
});
