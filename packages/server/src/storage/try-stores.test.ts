import { expect, test } from 'vitest';

import { storageAway } from './storage-away.ts';
import { tryStores } from './try-stores.ts';
import { openStore } from './open-store.ts';

const settings = { provider: 'mocked', target: 'mocked' } as const;

async function triedWith(check: () => Promise<void>, signal = new AbortController().signal) {
  const warned: unknown[] = [];
  const works = await openStore({ ...settings, location: 'works' });
  const away = { ...(await openStore({ ...settings, location: 'away' })), check };
  await tryStores({ all: () => [works, away] }, { log: { warn: (facts: unknown) => void warned.push(facts) }, signal });
  return warned;
}

const away = async (): Promise<void> => Promise.reject(storageAway('The bucket is not there.'));

test('a store that does not work at the start is named in the log, and no other', async () => {
  expect(await triedWith(away)).toEqual([expect.objectContaining({ store: 'mocked:away' })]);
});

test('a process that stops meanwhile says nothing of its stores', async () => {
  expect(await triedWith(away, AbortSignal.abort())).toEqual([]);
});
