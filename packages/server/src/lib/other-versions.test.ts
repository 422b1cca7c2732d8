import { expect, test } from 'vitest';

import { testDatabase } from '../../test/support/database.ts';
import { lineToPostgres } from './notification-line.ts';
import { otherVersions, wordsForOthers } from './other-versions.ts';
import { version } from './version.ts';

test('a process that listens on the database is known by its version, as long as it listens', async () => {
  const { db, connectionString } = await testDatabase();
  const line = await lineToPostgres({ connectionString })(['jobs'], { onMessage: () => undefined, onLost: () => undefined }, new AbortController().signal);
  expect(await otherVersions(db)).toEqual([]);
  expect(await otherVersions(db, '99.0.0')).toEqual([version]);
  await line.end();
  await expect.poll(async () => await otherVersions(db, '99.0.0')).toEqual([]);
});

test('what is said of other versions names them, and in which order to replace them', () => {
  expect(wordsForOthers([])).toBeNull();
  expect(wordsForOthers(['0.0.9'])).toMatch(/Safelight 0\.0\.9 .* workers first/);
});
