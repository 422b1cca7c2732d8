import { expect, test } from 'vitest';

import { testDatabase } from '../../test/support/database.ts';
import { emitOne, numberOf, testFeed, told } from '../../test/support/events.ts';

const database = await testDatabase();
const { db } = database;

test('events are offered first, and those that are not taken are yielded, each once and in order', async () => {
  const feed = await testFeed(database);
  const ending = new AbortController();
  const offered: number[] = [];
  const yielded: number[] = [];
  const offer = (some: readonly Parameters<typeof numberOf>[0][]): boolean => {
    const takes = some.every((one) => numberOf(one) % 5 !== 0);
    if (takes) offered.push(...some.map(numberOf));
    return takes;
  };
  const visible = ({ ownerId }: { ownerId: string }): boolean => ownerId === 'offerer';
  const stream = await feed.follow({ after: null, filter: { visible }, offer, signal: ending.signal });
  const reading = (async () => {
    for await (const some of stream) yielded.push(...some.map(numberOf));
  })();
  for (let n = 1; n <= 20; n += 1) {
    await emitOne(db, told('offerer', n));
    await expect.poll(() => offered.length + yielded.length).toBe(n);
  }
  ending.abort();
  await reading;
  expect([...offered, ...yielded].toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, n) => n + 1));
  expect(yielded).toEqual(yielded.toSorted((a, b) => a - b));
  expect(yielded).toEqual(expect.arrayContaining([5, 10, 15, 20]));
  expect(offered.length).toBeGreaterThan(10);
});
