import { sql } from '#kysely';

import type { Actor, Db, Tx } from '../lib/context.ts';
import { SafelightError } from '../lib/errors.ts';
import { lockStripe } from '../lib/lock-stripe.ts';
import type { Ceilings } from './ceilings.ts';

type Held = { bytes: string; items: number; open: number };

export type More = {
  /** 0 while the size is unknown. */
  bytes: number;
  /** When it is not one file. */
  items?: number;
  /** Set for an upload that is already open. */
  uploadId?: string;
  /** Set when it consists of partial uploads, which are already open. */
  isJoined?: boolean;
  /** Set when the transaction has recorded the addition before it asks. */
  isWritten?: boolean;
};

/** Whether a quota applies at all: managers of the site have none. */
export const hasQuota = (actor: Actor, { ownerBytes, ownerItems, ownerOpenUploads }: Ceilings): boolean =>
  (ownerBytes !== null || ownerItems !== null || ownerOpenUploads !== null) && !actor.scopes.has('media:admin');

/**
 * Refuses with `quota_exceeded` what would exceed the owner's quota. Makes the owner's other uploads wait until the transaction ends, in which the
 * caller records the addition: concurrent uploads never exceed the quota together.
 */
export async function reserveQuota(tx: Tx, actor: Actor, ceilings: Ceilings, more: More): Promise<void> {
  if (!hasQuota(actor, ceilings)) return;
  await lockStripe(tx, 'quota', sql`${actor.id}::text`);
  await requireQuota(tx, actor, ceilings, more);
}

/** The same as an early check, before any byte has moved: others may take the room meanwhile. */
export async function requireQuota(db: Db | Tx, actor: Actor, ceilings: Ceilings, more: More): Promise<void> {
  if (!hasQuota(actor, ceilings)) return;
  const { ownerBytes, ownerItems, ownerOpenUploads } = ceilings;
  const { isWritten = false } = more;
  const held = await readHeld(db, actor.id, more);
  if (ownerOpenUploads !== null && more.uploadId === undefined && !isWritten && held.open >= ownerOpenUploads) {
    throw exceeded(`You have ${held.open} uploads open, and may have ${ownerOpenUploads}. Finish or abort one first.`);
  }
  if (ownerItems !== null && held.items + held.open + (isWritten ? 0 : 1) > ownerItems)
    throw exceeded(`You have ${held.items} media and ${held.open} on their way, and may have ${ownerItems}. Delete some first.`);
  if (ownerBytes !== null && Number(held.bytes) + (isWritten ? 0 : Math.max(1, more.bytes)) > ownerBytes) {
    throw exceeded(
      `You keep ${held.bytes} bytes ${isWritten ? 'with this file, and may keep' : 'of'} ${ownerBytes}; ${more.bytes === 0 ? 'there is no room for more' : `${more.bytes} more do not fit`}. Delete something first.`,
    );
  }
}

const exceeded = (detail: string): SafelightError => new SafelightError('quota_exceeded', detail);

/** What an owner has and what is arriving, by its declared or received bytes, excluding the upload in question. */
async function readHeld(
  db: Db | Tx,
  ownerId: string,
  { uploadId = null, isJoined = false }: Omit<More, 'uploadId'> & { uploadId?: string | null },
): Promise<Held> {
  const { rows } = await sql<Held>`
    select kept.bytes + coming.bytes as bytes, kept.items, coming.open
    from (select coalesce(sum(byte_size), 0) as bytes, count(*)::int as items from asset
    where owner_id = ${ownerId} and deleted_at is null) as kept,
      (select coalesce(sum(greatest(declared_bytes, received_bytes)), 0) as bytes, count(*)::int as open
        from upload_session
       where owner_id = ${ownerId} and state = 'open' and expires_at > now() and id is distinct from ${uploadId}::uuid
         and not (${isJoined} and concat is not distinct from 'partial')) as coming`.execute(db);
  const [row] = rows;
  if (row === undefined) throw new Error('a count came without a row');
  return row;
}
