import type { mediaSorts } from '@safelight/contract/media';
import { sql, type RawBuilder } from '#kysely';

import { decodeCursor, encodeCursor, idOfCursor, unknownCursor } from '../lib/cursor.ts';
import type { MediaRow } from './media-row.ts';

/** An order of the library, and the page after a row in it. The id has the same direction as the value before it, as in an index. */
type MediaOrder = {
  by: RawBuilder<unknown>;
  after: (cursor: string) => RawBuilder<boolean>;
  cursorOf: (row: MediaRow) => string;
};

/** A cursor of the other orders: the id, followed by the value at which the page ended. */
const encodePlace = ({ id }: MediaRow, value: string): string => encodeCursor(`${id} ${value}`);
function placeOf(cursor: string, isValue: (value: string) => boolean): { id: string; value: string } {
  const text = decodeCursor(cursor);
  const id = idOfCursor(encodeCursor(text.slice(0, 36)));
  const value = text.slice(37);
  if (text[36] !== ' ' || !isValue(value)) throw unknownCursor();
  return { id, value };
}

export const mediaOrders: Readonly<Record<(typeof mediaSorts)[number], MediaOrder>> = {
  newest: {
    by: sql`asset.id desc`,
    after: (cursor) => sql<boolean>`asset.id < ${idOfCursor(cursor)}`,
    cursorOf: ({ id }) => encodeCursor(id),
  },
  oldest: {
    by: sql`asset.id asc`,
    after: (cursor) => sql<boolean>`asset.id > ${idOfCursor(cursor)}`,
    cursorOf: ({ id }) => encodeCursor(id),
  },
  name: {
    by: sql`lower(asset.original_file_name) asc, asset.id asc`,
    after(cursor) {
      const { id, value } = placeOf(cursor, (name) => !name.includes('\0'));
      return sql<boolean>`(lower(asset.original_file_name), asset.id) > (lower(${value}), ${id}::uuid)`;
    },
    cursorOf: (row) => encodePlace(row, row.original_file_name),
  },
  largest: {
    by: sql`asset.byte_size desc, asset.id desc`,
    after(cursor) {
      const { id, value } = placeOf(cursor, (size) => /^\d{1,15}$/.test(size));
      return sql<boolean>`(asset.byte_size, asset.id) < (${value}::bigint, ${id}::uuid)`;
    },
    cursorOf: (row) => encodePlace(row, String(row.byte_size)),
  },
};
