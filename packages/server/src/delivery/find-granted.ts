import type { RefusalReason } from '@safelight/contract/grants';
import type { SignedRole } from '@safelight/contract/signed-urls';
import { sql } from '#kysely';

import { isAccessToken } from '../grants/access-token.ts';
import { currentVersion, isPurgedNow } from '../grants/grant-rows.ts';
import { enqueue } from '../jobs/enqueue.ts';
import { notFound, SafelightError } from '../lib/errors.ts';
import { transact } from '../lib/transact.ts';
import { isUuid } from '../lib/ids.ts';
import { deliveryOf, readableOf, type Delivery, type DeliveryContext, type DeliveryRow } from './find-delivery.ts';
import { mayRead } from './may-read.ts';
import { checkSignature, type ShownSignature } from './signed-address.ts';

/** How buyers identify themselves: by the token in their link, or by their session. */
export type Proof = { access: string | undefined };

export type FindGranted = Proof & { transaction: string; mediaId: string; role: SignedRole | undefined; shown?: ShownSignature | undefined };
/** `grantedBy` created the grant and receives its events. */
export type Granted = {
  delivery: Delivery;
  grantId: string;
  transaction: string;
  grantedBy: string;
  assetId: string;
  objectId: string;
  sha256: string | null;
  crc32: number | null;
};

type GrantColumns = { grant_id: string; generation: number; buyer_id: string | null; revoked_at: Date | null; expires_at: Date | null };
type Row = GrantColumns & {
  created_by: string;
  granted_asset: string;
  removed_at: Date | null;
  object_id: string | null;
  asset_id: string | null;
  crc32: number | null;
  stamp: string | null;
  /** Null until marking the document was tried. */
  tail_bytes: number | null;
  stamped_sha256: string | null;
  stamped_crc32: number | null;
} & Partial<DeliveryRow>;

/** A grant that does not exist: checking a proof of it takes as long as of a real one. */
const nobodys = { id: '00000000-0000-7000-8000-000000000000', generation: 1 };
/** Only the seller is told the reason (grants/note-refusals.ts). */
const gone = (grant?: OverGrant): SafelightError =>
  new SafelightError('gone', 'This purchase no longer gives access to this file. Ask the seller.', { context: { refusal: whyOver(grant) } });

type OverGrant = { revoked_at: Date | null; removed_at?: Date | null; asset_id?: string | null };
export const whyOver = (grant: OverGrant | undefined): RefusalReason =>
  grant === undefined
    ? 'removed'
    : grant.revoked_at !== null
      ? 'revoked'
      : (grant.removed_at ?? null) !== null || grant.asset_id === null
        ? 'removed'
        : 'expired';

/** Whether the caller is the buyer. An order number proves nothing: it can be guessed. */
export function isBuyer(ctx: DeliveryContext, grant: Omit<GrantColumns, 'revoked_at' | 'expires_at'> | undefined, { access }: Proof): boolean {
  const named = grant === undefined ? nobodys : { id: grant.grant_id, generation: grant.generation };
  // A valid token counts even in another person's session: receipts are forwarded, and browsers are shared.
  const byToken = access !== undefined && isAccessToken(ctx.site.signing, named, access);
  const byName = ctx.actor.id !== '' && grant?.buyer_id === ctx.actor.id;
  return grant !== undefined && (byToken || byName);
}

/** Whether a proven grant no longer opens anything. */
export const isOver = (grant: { revoked_at: Date | null; expires_at: Date | null }, now: Date): boolean =>
  grant.revoked_at !== null || (grant.expires_at !== null && grant.expires_at <= now);

/**
 * Finds the current version of a file that a buyer has a right to. One statement on every request, so a revocation, move or replacement takes effect
 * with the next one on every server. A caller without proof learns nothing: neither whether the grant exists, nor what it holds.
 */
export async function findGranted(ctx: DeliveryContext, input: FindGranted): Promise<Granted> {
  const [row] = isUuid(input.mediaId) ? await readRows(ctx, input) : [];
  const named = { mediaId: input.mediaId, grantId: row?.grant_id ?? nobodys.id };
  const signature = input.shown === undefined ? 'none' : checkSignature(ctx.site, input.shown, named);
  if (row === undefined || (signature === 'none' && (input.shown !== undefined || !isBuyer(ctx, row, input)))) throw notFound('media');
  if (signature === 'expired')
    throw new SafelightError('gone', 'This link has expired. Ask whoever gave it to you for a new one.', { context: { refusal: 'expired' } });
  if (isOver(row, ctx.site.clock.now()) || row.removed_at !== null || row.asset_id === null) throw gone(row);
  // A source that is still being moved will come; a preview or a stream that was not made will not.
  if (input.role !== undefined && !isWhole(row)) throw notFound('media');
  return await grantedOf(ctx, row, input.transaction);
}

/** All files that a buyer has now, in the order of the grant. */
export async function findAllGranted(ctx: DeliveryContext, input: Proof & { transaction: string }): Promise<Granted[]> {
  const rows = await readRows(ctx, { transaction: input.transaction });
  const [row] = rows;
  if (!isBuyer(ctx, row, input) || row === undefined) throw notFound('media');
  const left = rows.filter((file) => file.removed_at === null && file.asset_id !== null);
  if (isOver(row, ctx.site.clock.now()) || left.length === 0) throw gone(isOver(row, ctx.site.clock.now()) ? row : undefined);
  const files: Granted[] = [];
  for (const file of left) files.push(await grantedOf(ctx, file, input.transaction));
  return files;
}

async function grantedOf(ctx: DeliveryContext, row: Row, transaction: string): Promise<Granted> {
  const { object_id: objectId, grant_id: grantId, granted_asset: assetId, created_by: grantedBy } = row;
  if (objectId === null || !isWhole(row))
    throw new SafelightError('storage_unavailable', 'The file is not ready yet. Try again in a while.', { headers: { 'retry-after': '30' } });
  if (mayRead(ctx.actor, readableOf(ctx, row), { as: 'asset', granted: true }) === 'no') throw gone();
  const delivery = { ...deliveryOf(ctx, row, { shared: false, named: 'asset' }), variesByReader: true };
  const granted = { delivery, grantId, transaction, grantedBy, assetId, objectId, sha256: row.sha256, crc32: row.crc32 };
  if (row.stamp === null || row.role !== 'source' || row.mime_type !== 'application/pdf') return granted;
  if (row.tail_bytes === null) return await notStampedYet(ctx, granted);
  return row.stamped_sha256 === null ? granted : withTail(granted, row.tail_bytes, { sha256: row.stamped_sha256, crc32: row.stamped_crc32 });
}

/** The document with its page marks appended: a file of its own, which only we can send. */
function withTail(granted: Granted, tailBytes: number, { sha256, crc32 }: { sha256: string; crc32: number | null }): Granted {
  const { delivery, grantId, objectId } = granted;
  const tail = { grantId, objectId, bytes: tailBytes };
  return { ...granted, sha256, crc32, delivery: { ...delivery, bytes: delivery.bytes + tailBytes, etag: `"${sha256.slice(0, 43)}"`, mode: 'proxy', tail } };
}

async function notStampedYet(ctx: DeliveryContext, { grantId, grantedBy }: Granted): Promise<never> {
  await transact(ctx.site.db, async (tx) => void (await enqueue(tx, { type: 'stamp', ownerId: grantedBy, singletonKey: grantId, data: { grantId } })));
  throw new SafelightError('storage_unavailable', 'The document is being prepared for you. Try again in a moment.', { headers: { 'retry-after': '5' } });
}

const isWhole = (row: Row): row is Row & DeliveryRow => row.key !== undefined && row.key !== null;

/** One file of a grant, or all. */
async function readRows(ctx: DeliveryContext, input: { transaction: string; mediaId?: string; role?: SignedRole | undefined }): Promise<Row[]> {
  const roles = input.role === undefined ? ['source', 'canonical', 'detail_large', 'stream'] : [input.role];
  const { rows } = await sql<Row>`
    select g.id as grant_id, g.created_by, g.generation, g.buyer_id, g.revoked_at, g.expires_at, g.stamp,
      ga.asset_id as granted_asset, ga.removed_at, object.id as object_id,
      object.provider, object.location, object.key, object.bytes, object.sha256, object.crc32, object.mime_type,
      object.role, object.created_at,
      asset.id as asset_id, asset.owner_id, asset.entity_type, asset.entity_id, asset.collection,
      asset.original_file_name,
      asset.deleted_at is not null as deleted, false as published,
      stamped.tail_bytes, stamped.sha256 as stamped_sha256, stamped.crc32 as stamped_crc32
    from grant_ g
    join grant_asset ga
      on ga.grant_id = g.id ${input.mediaId === undefined ? sql`` : sql`and ga.asset_id = ${input.mediaId}`}
    left join lateral (${currentVersion}) current on true
    left join asset on asset.id = current.id and not (${isPurgedNow})
    left join lateral (
      select * from object
      where object.asset_id = asset.id and object.state = 'stored' and object.role = any(${roles}::text[])
      order by array_position(${roles}::text[], object.role) limit 1
    ) object on true
    left join grant_stamp stamped on stamped.grant_id = g.id and stamped.object_id = object.id
    where g.transaction = ${input.transaction} order by ga.position`.execute(ctx.site.db);
  return rows;
}
