import type { Tx } from '../lib/context.ts';
import { lockPlaceOf } from './lock-place.ts';
import { readRow, type MediaRow } from '../assets/media-row.ts';

/** Takes the asset and its place for this transaction and reads it as it is then; undefined when it is gone. Lock one place in a transaction. */
export async function lockMedia(tx: Tx, id: string): Promise<MediaRow | undefined> {
  if (!(await lockPlaceOf(tx, id))) return undefined;
  // Locked first and read after: a query that does both would show the artifacts as they were before it waited for the lock.
  const locked = await tx.selectFrom('asset').select('id').where('id', '=', id).forUpdate().executeTakeFirst();
  return locked === undefined ? undefined : await readRow(tx, id);
}
