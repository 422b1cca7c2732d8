import fc from 'fast-check';
import { expect, test } from 'vitest';

import { testDatabase } from '../../test/support/database.ts';
import { liveThrough, openWorld, stepKinds, type Step } from '../../test/support/lifecycle.ts';

const { db } = await testDatabase();
/** `test/chaos/lifecycle.test.ts` runs thousands of them; these are part of every run. */
const histories = 8;

const step: fc.Arbitrary<Step> = fc.record({ kind: fc.constantFrom(...stepKinds), a: fc.nat(20), b: fc.nat(60) });

test(`every promise of the lifecycle holds after every step of ${histories} random histories`, { timeout: 120_000 }, async () => {
  const world = await openWorld(db);
  const seen = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 30 }), async (steps) => {
      for (const told of await liveThrough(world, steps)) seen.set(told.split(' ')[0] ?? '', (seen.get(told.split(' ')[0] ?? '') ?? 0) + 1);
    }),
    { numRuns: histories, seed: 20_260_101 },
  );
  // A generator that never reaches these states would prove nothing.
  for (const kind of new Set(stepKinds)) expect([...seen.keys()].join(), `histories in which "${kind}" happens`).toContain(kind);
});
