import type { Tx } from '../lib/context.ts';
import { lockPlaceOf } from './lock-place.ts';
import { readRow, type MediaRow } from '../assets/media-row.ts';

/** Locks the asset and its place for this transaction and then reads it; undefined when it is gone. Lock only one place per transaction. */
export async function lockMedia(tx: Tx, id: string): Promise<MediaRow | undefined> {
  if (!(await lockPlaceOf(tx, id))) return undefined;
  // First the lock, then the read: a query that does both would show the artifacts from before its wait for the lock.
  const locked = await tx.selectFrom('asset').select('id').where('id', '=', id).forUpdate().executeTakeFirst();
  return locked === undefined ? undefined : await readRow(tx, id);
}
