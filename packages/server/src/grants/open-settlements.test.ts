import { expect, test } from 'vitest';

import { openSettlements } from './open-settlements.ts';
import type { Settlement } from './settle-downloads.ts';

const sent = (id: string): Settlement => ({ id, reserved: 1, sent: 1, size: 1 });

test('settlements that arrive during a write are written together after it, and closing waits for all of them', async () => {
  const written: string[][] = [];
  const first = Promise.withResolvers<void>();
  const book = openSettlements(async (settlements) => {
    written.push(settlements.map(({ id }) => id));
    if (written.length === 1) await first.promise;
  });
  book.add([]);
  book.add([sent('a')]);
  expect(written).toEqual([['a']]);
  book.add([sent('b')]);
  book.add([]);
  book.add([sent('c'), sent('d')]);
  first.resolve();
  await book.close();
  expect(written).toEqual([['a'], ['b', 'c', 'd']]);
  book.add([sent('e')]);
  await book.close();
  expect(written.at(-1)).toEqual(['e']);
});
