import { sql } from 'kysely';

import type { Actor, Db } from '../lib/context.ts';
import { SafelightError } from '../lib/errors.ts';
import type { Ceilings } from './collection.ts';

type Held = { bytes: string; items: number; open: number };

/**
 * Refuses with `quota_exceeded` what would take an owner above what one owner may have. Asked when an upload is opened and again when
 * its size is known, outside any lock: many at once can end a little above it, never far.
 */
export async function requireQuota(db: Db, actor: Actor, ceilings: Ceilings, more: { bytes: number; uploadId?: string }): Promise<void> {
  const { ownerBytes, ownerItems, ownerOpenUploads } = ceilings;
  if ((ownerBytes === null && ownerItems === null && ownerOpenUploads === null) || actor.scopes.has('media:admin')) return;
  const held = await readHeld(db, actor.id, more.uploadId ?? null);
  if (ownerOpenUploads !== null && more.uploadId === undefined && held.open >= ownerOpenUploads) {
    throw exceeded(`You have ${held.open} uploads open, and may have ${ownerOpenUploads}. Finish or abort one first.`);
  }
  if (ownerItems !== null && held.items + held.open >= ownerItems)
    throw exceeded(`You have ${held.items} media and ${held.open} on their way, and may have ${ownerItems}. Delete some first.`);
  if (ownerBytes !== null && Number(held.bytes) + Math.max(1, more.bytes) > ownerBytes) {
    throw exceeded(
      `You keep ${held.bytes} bytes of ${ownerBytes}; ${more.bytes === 0 ? 'there is no room for more' : `${more.bytes} more do not fit`}. Delete something first.`,
    );
  }
}

const exceeded = (detail: string): SafelightError => new SafelightError('quota_exceeded', detail);

/** What an owner has and what is on its way, apart from the upload that is asked about. */
async function readHeld(db: Db, ownerId: string, except: string | null): Promise<Held> {
  const { rows } = await sql<Held>`
    select kept.bytes + coming.bytes as bytes, kept.items, coming.open
    from (select coalesce(sum(byte_size), 0) as bytes, count(*)::int as items from asset where owner_id = ${ownerId} and deleted_at is null) as kept,
      (select coalesce(sum(declared_bytes), 0) as bytes, count(*)::int as open from upload_session
       where owner_id = ${ownerId} and state = 'open' and expires_at > now() and id is distinct from ${except}::uuid) as coming`.execute(db);
  const [row] = rows;
  if (row === undefined) throw new Error('a count came without a row');
  return row;
}
