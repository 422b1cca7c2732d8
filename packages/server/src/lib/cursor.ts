import { SafelightError } from './errors.ts';
import { isUuid } from './ids.ts';

/** Page cursors are opaque to clients: their contents may change, so nobody should build one. */
export const encodeCursor = (position: string): string => Buffer.from(position).toString('base64url');
export const decodeCursor = (cursor: string): string => Buffer.from(cursor, 'base64url').toString();

/** The id after which a page starts; throws `invalid_request` for a cursor that no list has returned. */
export function idOfCursor(cursor: string): string {
  const id = decodeCursor(cursor);
  if (isUuid(id)) return id;
  throw unknownCursor();
}

export const unknownCursor = (): SafelightError =>
  new SafelightError('invalid_request', 'This cursor is not valid. Send the nextCursor of the last page as it is, or start again without a cursor.', {
    errors: [{ field: 'cursor', message: 'unknown' }],
  });
