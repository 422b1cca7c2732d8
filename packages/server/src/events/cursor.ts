import { decodeCursor, encodeCursor } from '../lib/cursor.ts';
import { SafelightError } from '../lib/errors.ts';
import { shardCount } from './shards.ts';
import type { Followed, StoredEvent } from './stored-event.ts';

/** The number of the last seen event of each shard. */
export type Positions = readonly number[];

/** A follower's progress: up to these positions and, once it has reached the tail's line, before this number of it. */
export type Place = { positions: Positions; number: number | null };

/** Opaque to clients: `Last-Event-ID`, and the `id:` of events. Valid at every server instance. */
export const cursorAt = (positions: Positions): string => encodeCursor(positions.join('.'));

/** Throws `invalid_request` for a cursor that no server issued. */
export function positionsOf(cursor: string): Positions {
  const positions = decodeCursor(cursor)
    .split('.')
    .map((digits) => (/^\d{1,16}$/.test(digits) ? Number(digits) : Number.NaN));
  if (positions.length !== shardCount || !positions.every(Number.isSafeInteger)) throw unknownCursor();
  return positions;
}

export const unknownCursor = (): SafelightError =>
  new SafelightError('invalid_request', 'This Last-Event-ID is not valid here. Connect without one to receive what happens from now on.', {
    errors: [{ field: 'Last-Event-ID', message: 'unknown' }],
  });

/** The cursor is computed on demand, and once for all followers that share it. */
export function followedAt(event: StoredEvent, positions: Positions): Followed {
  let cursor: string | undefined;
  return {
    event,
    get cursor() {
      return (cursor ??= cursorAt(positions));
    },
  };
}
