import { sql, type RawBuilder } from '#kysely';

import type { Db, Tx } from '../lib/context.ts';
import type { Locator, Provider } from './locator.ts';

/*
 * The ledger names every object before its first byte and until after its last.
 *
 * Where a store keeps bytes that have no name yet (`Unnamed`), an object may begin as `stored`, in the transaction that creates its asset: the ledger
 * then has it before its name, and the sweeper asks the store for bytes that no row knows.
 *
 *   writing   A writer holds a lease and may be putting bytes. Once the lease has passed, the sweeper takes over.
 *   stored    The bytes are durable. Bound to an asset, the object is an artifact; unbound, it belongs to an upload session.
 *   deleting  No reader can find it any more; the bytes are removed next, then the row.
 *
 * writing → stored → deleting → (row gone), or writing → deleting → (row gone). No state goes back. Where the provider itself accepts a PUT to a
 * signed URL, the row stays `deleting` until the URL has expired (`writable_until`).
 *
 * A row that becomes `deleting` is due at once: `retry_at` says since when, which tells a row that nobody removes from one that is about to be
 * removed.
 */
const dueNow = sql<Date>`now()`;
const going = { state: 'deleting', token: null, lease_until: null, retry_at: dueNow } as const;

/** What a row needs to name an object. */
export type Written = Locator & { id: string; role: string };
export type Reservation = Written & { leaseUntil: Date };

/**
 * How long the bytes of one file may take to arrive: longer than any accepted upload, import or generated file takes. After that the sweeper takes
 * the object.
 */
export const arrivalLeaseSeconds = 6 * 3600;

/** Inserts rows for objects that are about to be written. Commit before the first byte moves. */
export async function reserveObjects(db: Db | Tx, reservations: readonly Reservation[]): Promise<void> {
  await db
    .insertInto('object')
    .values(reservations.map(({ leaseUntil, ...row }) => ({ ...row, state: 'writing' as const, lease_until: leaseUntil })))
    .execute();
}

export type Artifact = {
  id: string;
  token: string | null;
  bytes: number;
  sha256: string | null;
  crc32?: number | null;
  mimeType: string;
  width: number | null;
  height: number | null;
  /** The places of its parts. */
  layout?: unknown;
};

/**
 * Binds durable objects to an asset as its artifacts, in the transaction that makes the asset show them. Throws when the sweeper has taken one
 * meanwhile (its lease had passed), so that no asset is ever ready without its bytes.
 */
export async function bindArtifacts(tx: Tx, assetId: string, artifacts: readonly Artifact[]): Promise<void> {
  const { rows } = await bindingArtifacts(assetId, artifacts).execute(tx);
  requireBound(assetId, artifacts, rows.length);
}

/** The same as a part of a larger statement, whose caller counts the bound rows. `onlyIf` is evaluated first, and its effects happen with it. */
export const bindingArtifacts = (assetId: string, artifacts: readonly Artifact[], onlyIf: RawBuilder<unknown> = sql`true`): RawBuilder<{ id: string }> => sql`
  update object
  set state = 'stored', lease_until = null, asset_id = ${assetId}, token = given.token, bytes = given.bytes,
    sha256 = given.sha256, crc32 = given.crc32, mime_type = given."mimeType", width = given.width,
    height = given.height, layout = given.layout
  from jsonb_to_recordset(${JSON.stringify(artifacts)}::jsonb) as given (id uuid, token text, bytes bigint,
    sha256 text, crc32 bigint, "mimeType" text, width int, height int, layout jsonb)
  where object.id = given.id and object.state in ('writing', 'stored') and ${onlyIf} returning object.id`;

export function requireBound(assetId: string, artifacts: readonly Artifact[], bound: number): void {
  if (bound !== artifacts.length)
    throw new Error(`a lease had passed: only ${bound} of ${artifacts.length} objects of asset ${assetId} are still in the ledger`);
}

/** Marks all objects of an asset for removal, in the transaction that hides them from readers. */
export async function releaseArtifacts(tx: Tx, assetId: string): Promise<void> {
  await releasingArtifacts(assetId, []).execute(tx);
}

/** The same as a part of a larger statement, except for the objects in `keep`. */
export const releasingArtifacts = (assetId: string, keep: readonly string[]): RawBuilder<{ id: string }> => sql`
  update object
  set state = 'deleting', token = null, lease_until = null, retry_at = ${dueNow}, asset_id = null
  where asset_id = ${assetId} and id <> all(${[...keep]}::uuid[]) returning id`;

/** The same for certain artifacts, in the transaction that replaces them. */
export async function releaseObjects(tx: Tx, ids: readonly string[]): Promise<void> {
  await tx
    .updateTable('object')
    .set({ ...going, asset_id: null })
    .where('id', 'in', [...ids])
    .execute();
}

/** The same by id, for unbound objects that a failed attempt left. An object that has become an artifact stays. */
export async function releaseUnbound(db: Db | Tx, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await db
    .updateTable('object')
    .set(going)
    .where('id', 'in', [...ids])
    .where('asset_id', 'is', null)
    .execute();
}

/**
 * The same for objects whose rows may not be there: they get some that give them up, so that a transaction which is still to insert one fails. Waits
 * for one that has inserted it.
 */
export async function releaseUnrecorded(db: Db, objects: readonly Written[]): Promise<void> {
  const rows = objects.map(({ provider, location, key, id, role }) => ({ provider, location, key, id, role, ...going }));
  await db
    .insertInto('object')
    .values(rows)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  await releaseUnbound(
    db,
    rows.map(({ id }) => id),
  );
}

/**
 * The same while somebody may be writing: existing bytes are removed at once, and later ones when the writer's lease has passed. Until then the row
 * stays, so that no object is left without a row.
 */
export async function releaseUnderWriters(tx: Tx, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await tx
    .updateTable('object')
    .set({ ...going, writable_until: sql<Date | null>`greatest(writable_until, lease_until)` })
    .where('id', 'in', [...ids])
    .where('asset_id', 'is', null)
    .execute();
}

/** The same for objects that somebody may be writing: an object under a lease stays until the lease has passed; then the sweeper takes it. */
export async function releaseUnwritten(db: Db | Tx, ids: readonly string[], now: Date): Promise<void> {
  if (ids.length === 0) return;
  await db
    .updateTable('object')
    .set(going)
    .where('id', 'in', [...ids])
    .where('asset_id', 'is', null)
    .where((eb) => eb.or([eb('state', '<>', 'writing'), eb('lease_until', '<', now)]))
    .execute();
}

/** Extends the lease of a writer that is still at work, so that the sweeper leaves its objects alone. */
export async function extendLease(db: Db, ids: readonly string[], leaseUntil: Date): Promise<void> {
  if (ids.length === 0) return;
  await db
    .updateTable('object')
    .set({ lease_until: leaseUntil })
    .where('id', 'in', [...ids])
    .where('state', '=', 'writing')
    .execute();
}

export const locatorOf = (row: { provider: string; location: string; key: string }): Locator => ({
  // The column is written only from a Locator.
  provider: row.provider as Provider,
  location: row.location,
  key: row.key,
});
