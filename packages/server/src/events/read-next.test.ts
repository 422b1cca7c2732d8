import { expect, test } from 'vitest';

import { told } from '../../test/support/events.ts';
import { EventLine } from './event-line.ts';
import { endOf, readMeanwhile, type Following } from './read-next.ts';
import type { StoredEvent } from './stored-event.ts';

const event = (ownerId: string, seq: number): StoredEvent => ({
  ...told(ownerId, seq),
  shard: 0,
  seq,
  at: new Date(0),
  collection: null,
  entity: null,
  jobId: null,
  mediaId: null,
});

test('a follower whose turn comes later gets what was read meanwhile, once, and nothing that it may not see', () => {
  const line = new EventLine();
  line.append([event('ada', 1)]);
  const follower: Following = { filter: { visible: ({ ownerId }) => ownerId === 'ada' }, take: null, place: endOf({ line }), signal: AbortSignal.any([]) };
  expect(readMeanwhile({ line }, follower)).toEqual([]);
  line.append([event('ada', 2), event('eve', 3)]);
  expect(readMeanwhile({ line }, follower).map((one) => one.event.seq)).toEqual([2]);
  expect(follower.place).toEqual(endOf({ line }));
  expect(readMeanwhile({ line }, follower)).toEqual([]);
});

test('a follower whose place the line no longer holds is left where it is, and its next read finds that', () => {
  const line = new EventLine();
  const place = endOf({ line });
  const follower: Following = { filter: { visible: () => true }, take: null, place, signal: AbortSignal.any([]) };
  for (let seq = 1; seq <= 9_000; seq += 500) line.append(Array.from({ length: 500 }, (_, n) => event('ada', seq + n)));
  expect(readMeanwhile({ line }, follower)).toEqual([]);
  expect(follower.place).toBe(place);
});
