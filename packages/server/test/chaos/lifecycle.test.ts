import fc from 'fast-check';
import { test } from 'vitest';

import { testDatabase } from '../support/database.ts';
import { liveThrough, openWorld, stepKinds, type Step } from '../support/lifecycle.ts';

const { db } = await testDatabase({ max: 16 });
const histories = Number(process.env['SAFELIGHT_TEST_HISTORIES'] ?? 5_000);
const worlds = 4;

const step: fc.Arbitrary<Step> = fc.record({ kind: fc.constantFrom(...stepKinds), a: fc.nat(20), b: fc.nat(60) });

test(`every promise of the lifecycle holds after every step of ${histories} random histories`, { timeout: 3_600_000 }, async () => {
  const seed = Number(process.env['SAFELIGHT_TEST_SEED'] ?? Date.now() % 2 ** 31);
  await Promise.all(
    Array.from({ length: worlds }, async (_, n) => {
      const world = await openWorld(db);
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 16 }), async (steps) => void (await liveThrough(world, steps))),
        { numRuns: Math.ceil(histories / worlds), seed: seed + n },
      );
    }),
  );
});
