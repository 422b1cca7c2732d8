import { CompiledQuery, sql } from '#kysely';

import type { Context, DataSite, Db } from '../lib/context.ts';
import { notFound, SafelightError } from '../lib/errors.ts';
import { gatherReads, type ReadOne } from '../lib/gather-reads.ts';
import { isUuid } from '../lib/ids.ts';
import type { Signing } from '../lib/signing.ts';
import type { CollectionConfig, Collections } from '../policy/collection.ts';
import { locatorOf } from '../storage/ledger.ts';
import type { Locator } from '../storage/locator.ts';
import { cacheRule, type CacheRule } from './cache-rule.ts';
import { mayRead, type Asked, type MayRead, type ReadableAsset } from './may-read.ts';
import { artifactPreview, assetStream } from './media-urls.ts';
import { servedName } from './served-name.ts';
import { checkSignature, type ShownSignature } from './signed-address.ts';

export type DeliverySite = DataSite & {
  collections: Collections;
  signing: Signing;
  /** Whether a CDN is told of hidden media. */
  purgesCdn: boolean;
};
export type DeliveryContext = Context<DeliverySite>;

/** One immutable artifact that the caller may read, and how it may be cached and shown. */
export type Delivery = {
  locator: Locator;
  bytes: number;
  /** The digest of the stored object, in hex. */
  sha256: string | null;
  mimeType: string;
  etag: string;
  modifiedAt: Date;
  fileName: string;
  cache: CacheRule;
  /** Whether another reader may get other bytes, or none: a shared cache has to tell readers apart. */
  variesByReader: boolean;
  /** Who sends the bytes. */
  mode: CollectionConfig['delivery'];
  /** What was appended to the object for one buyer; the delivery's `bytes` include it. */
  tail?: { grantId: string; objectId: string; bytes: number };
};

/** An object with the facts that decide who may have it and how it is sent. */
export type DeliveryRow = {
  provider: string;
  location: string;
  key: string;
  bytes: number;
  sha256: string | null;
  mime_type: string;
  role: string;
  created_at: Date;
  asset_id: string;
  owner_id: string;
  entity_type: string | null;
  entity_id: string | null;
  collection: string;
  original_file_name: string;
  deleted: boolean;
  published: boolean;
};

const columns = `
  object.provider, object.location, object.key, object.bytes, object.sha256, object.mime_type, object.role, object.created_at, asset.id as asset_id, asset.owner_id, asset.entity_type, asset.entity_id,
  asset.collection, asset.original_file_name, asset.deleted_at is not null as deleted, exists (select 1 from published_asset where published_asset.id = asset.id) as published`;

/**
 * The artifacts of up to this many tokens. As text, because every public request runs it, and building it anew took a sixth of the request. One
 * parameter a token, not one array: Postgres takes an array of unknown length for a long one, and would plan each execution anew.
 */
const artifactsByTokens = (most: number): string => {
  const slots = Array.from({ length: most }, (_, index) => `($${index + 1}::text)`).join(', ');
  return `
  select asked.token as asked, found.*
  from (values ${slots}) as asked (token), lateral (
    select ${columns}
    from object join asset on asset.id = object.asset_id
    where object.token = asked.token and object.state = 'stored' limit 1) found`;
};

const mostAtOnce = 8;
const [byToken, byTokens] = [artifactsByTokens(1), artifactsByTokens(mostAtOnce)];

const readers = new WeakMap<Db, ReadOne<string, DeliveryRow>>();

function readArtifact({ site: { db } }: DeliveryContext, token: string): Promise<DeliveryRow | undefined> {
  const known = readers.get(db);
  if (known !== undefined) return known(token);
  const read = gatherReads<string, DeliveryRow>(async (tokens) => {
    const asked = tokens.length === 1 ? tokens : Array.from({ length: mostAtOnce }, (_, index) => tokens[index] ?? null);
    const { rows } = await db.executeQuery<DeliveryRow & { asked: string }>(CompiledQuery.raw(tokens.length === 1 ? byToken : byTokens, [...asked]));
    return new Map(rows.map((row) => [row.asked, row]));
  }, mostAtOnce);
  readers.set(db, read);
  return read(token);
}

/**
 * Finds the artifact of an opaque token. One statement on every request: hidden, deleted or replaced media are gone from the origin with the next
 * one. Everything that may not be read gets the same answer as if it did not exist; only a reader with a genuine address is told that it has expired.
 */
export async function findDelivery(ctx: DeliveryContext, input: FindDelivery): Promise<Delivery> {
  const row = await readArtifact(ctx, input.token);
  if (row === undefined) throw notFound('media');
  const until = endOfSignature(ctx, row, input);
  const isExpired = until !== null && until <= ctx.site.clock.now();
  const why = whyOf(ctx, row, { as: 'artifact', signature: until === null || isExpired ? null : 'preview' });
  if (why === 'no') throw isExpired ? expired() : notFound('media');
  return deliveryOf(ctx, row, { shared: why === 'open', named: 'artifact' });
}

/** `stream`: a signature from the path, which opens every part of one video's stream and nothing else. */
export type FindDelivery = { token: string; signature?: string | undefined; stream?: string | undefined };

/** When a genuine signature for it ends or has ended; null without one. */
function endOfSignature({ site: { signing } }: DeliveryContext, row: DeliveryRow, { token, signature, stream }: FindDelivery): Date | null {
  if (stream !== undefined) return row.role.startsWith('hls_') ? signing.endOf(assetStream, [row.asset_id], stream) : null;
  return signature === undefined ? null : signing.endOf(artifactPreview, [token], signature);
}

const expired = (): SafelightError => new SafelightError('gone', 'This link has expired. Ask whoever gave it to you for a new one.');

/**
 * Finds an asset by its id, to show inline or to download under its original name. The owner gets the source if it is kept, everybody else the public
 * artifact. Collections that require a grant open to nobody else here without a signature, which opens what it was made for. Only a reader with a
 * genuine address is told that it has expired.
 */
export async function findMediaDelivery(ctx: DeliveryContext, input: FindMediaDelivery): Promise<Delivery> {
  if (!isUuid(input.mediaId)) throw notFound('media');
  const { shown } = input;
  const signature = shown === undefined ? 'none' : checkSignature(ctx.site, shown, { mediaId: input.mediaId, grantId: null });
  if (shown !== undefined && signature === 'none') throw notFound('media');
  if (signature === 'expired') throw expired();
  const isSigned = signature === 'valid';
  const roles = isSigned && shown?.role !== undefined ? [shown.role] : rolesOf[input.disposition];
  const { rows } = await sql<DeliveryRow & { token: string | null }>`
    select ${sql.raw(columns)}, object.token from asset join object on object.asset_id = asset.id
    where asset.id = ${input.mediaId} and object.state = 'stored' and object.role = any(${roles}::text[])
    order by array_position(${roles}::text[], object.role)`.execute(ctx.site.db);
  const why = rows[0] === undefined ? 'no' : whyOf(ctx, rows[0], { as: 'asset', signature: isSigned ? 'signed' : null });
  // The source has no public address: only its owner gets it, or a reader with a signed address.
  const row = why === 'no' ? undefined : rows.find(({ token }) => why === 'own' || isSigned || token !== null);
  if (row === undefined) throw isSigned ? new SafelightError('gone', 'The file behind this link no longer exists.') : notFound('media');
  return deliveryOf(ctx, row, { shared: why === 'open' && !isSigned, named: 'asset' });
}

export type FindMediaDelivery = { mediaId: string; disposition: 'inline' | 'attachment'; shown?: ShownSignature | undefined };

const rolesOf = {
  inline: ['canonical', 'detail_large', 'detail', 'stream', 'preview', 'source'],
  attachment: ['source', 'canonical', 'detail_large', 'stream', 'preview'],
};

/** Media of a collection that is not declared open to nobody else than their owners, buyers and readers with a signed address. */
const whyOf = (ctx: DeliveryContext, row: DeliveryRow, asked: Asked): MayRead => mayRead(ctx.actor, readableOf(ctx, row), asked);

export const readableOf = (ctx: DeliveryContext, row: DeliveryRow): ReadableAsset => ({
  ...row,
  visibility: ctx.site.collections.get(row.collection)?.visibility ?? 'owner',
});

/** For a reader who may have it. How it is sent stands in its collection's declaration, without which nobody can send it. */
export function deliveryOf(ctx: DeliveryContext, row: DeliveryRow, asked: { shared: boolean; named: 'artifact' | 'asset' }): Delivery {
  const collection = ctx.site.collections.get(row.collection);
  if (collection === undefined) throw notDeclared(row);
  return {
    locator: locatorOf(row),
    bytes: row.bytes,
    sha256: row.sha256,
    mimeType: row.mime_type,
    // Artifacts never change, so the bytes' digest identifies the answer; without one, the key does.
    etag: `"${(row.sha256 ?? Buffer.from(row.key).toString('base64url')).slice(0, 43)}"`,
    modifiedAt: row.created_at,
    fileName: servedName(row.original_file_name, { role: row.role, mimeType: row.mime_type }),
    cache: cacheRule(collection, { ...asked, purgesCdn: ctx.site.purgesCdn }),
    // Under the address of an asset, its owner gets the source and everybody else the public artifact.
    variesByReader: !asked.shared || asked.named === 'asset',
    mode: collection.delivery,
  };
}

/** A mistake of the operator's, and no end: with the next start all may be right again. */
const notDeclared = ({ collection }: DeliveryRow): SafelightError =>
  new SafelightError('unavailable', 'It cannot be sent at the moment. Try again later.', {
    headers: { 'retry-after': '60' },
    forOperator: `The configuration does not declare ${collection}, so nothing in it is served.`,
  });
