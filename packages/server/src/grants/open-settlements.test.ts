import { expect, test } from 'vitest';

import { openSettlements } from './open-settlements.ts';
import type { Settlement } from './settle-downloads.ts';

const sent = (id: string): Settlement => ({ id, reserved: 1, sent: 1, size: 1 });

const never = {
  isRefused: () => false,
  onGivenUp(error: unknown) {
    throw error;
  },
};

test('settlements that arrive during a write are written together after it, and closing waits for all of them', async () => {
  const written: string[][] = [];
  const first = Promise.withResolvers<void>();
  const book = openSettlements({
    ...never,
    async write(settlements) {
      written.push(settlements.map(({ id }) => id));
      if (written.length === 1) await first.promise;
    },
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

test('what the database has refused is written again, together with what came meanwhile', async () => {
  const written: string[][] = [];
  const again = Promise.withResolvers<void>();
  const book = openSettlements({
    ...never,
    async write(settlements) {
      written.push(settlements.map(({ id }) => id));
      if (written.length === 1) throw new Error('refused');
      again.resolve();
    },
    isRefused: () => true,
  });
  book.add([sent('a')]);
  book.add([sent('b')]);
  await again.promise;
  await book.close();
  expect(written).toEqual([['a'], ['a', 'b']]);
});

test('what may have been recorded is not written again, and closing ends although the database refuses everything', async () => {
  const givenUp: string[][] = [];
  const onGivenUp = (_: unknown, settlements: readonly Settlement[]): void => void givenUp.push(settlements.map(({ id }) => id));
  const write = async (): Promise<void> => await Promise.reject(new Error('the connection was lost'));
  const unsure = openSettlements({ write, isRefused: () => false, onGivenUp });
  unsure.add([sent('a')]);
  await unsure.close();
  const refused = openSettlements({ write, isRefused: () => true, onGivenUp });
  refused.add([sent('b')]);
  await refused.close();
  expect(givenUp).toEqual([['a'], ['b']]);
});
