import type { SignedURL, SignedURLRequest } from '@safelight/contract/signed-urls';
import { sql } from '#kysely';

import type { Context } from '../lib/context.ts';
import { secondsFrom } from '../lib/clock.ts';
import { notFound, SafelightError } from '../lib/errors.ts';
import { isOver } from './find-granted.ts';
import { isOwn } from './may-read.ts';
import type { DeliveryContext, DeliverySite } from './find-delivery.ts';
import { networkOf, signAddress } from './signed-address.ts';

export type SignMediaURL = SignedURLRequest & { id: string; caller: string };

type Row = { id: string; owner_id: string; entity_type: string | null; entity_id: string | null; deleted: boolean; roles: string[] };

const usualSeconds = 3600;

/**
 * An address that opens one file of the caller's for everybody who has it. It contains all its conditions, so nothing is stored; asset and grant are
 * read on each use, so deletion or revocation ends it.
 */
export async function signMediaURL(ctx: Context<DeliverySite & { baseURL: string }>, input: SignMediaURL): Promise<SignedURL> {
  const { rows } = await sql<Row>`
    select id, owner_id, entity_type, entity_id, deleted_at is not null as deleted,
      array(select role from object where object.asset_id = asset.id and object.state = 'stored' order by role) as roles
    from asset where id = ${input.id}`.execute(ctx.site.db);
  const [row] = rows;
  if (row === undefined || !isOwn(ctx.actor, row)) throw notFound('media');
  if (row.deleted) throw new SafelightError('gone', 'It is deleted. Restore it first.');
  const { role, disposition = 'attachment', transaction } = input;
  if (role !== undefined && !row.roles.includes(role))
    throw invalid('role', `There is no ${role} of it. There is: ${row.roles.length === 0 ? 'nothing yet' : row.roles.join(', ')}.`);
  const grantId = transaction === undefined ? null : await grantOf(ctx, { transaction, mediaId: row.id });
  const address = input.address === 'caller' ? networkOf(input.caller) : (input.address ?? null);
  const expiresAt = secondsFrom(ctx.site.clock.now(), input.expiresInSeconds ?? usualSeconds);
  const signature = signAddress(ctx.site.signing, { mediaId: row.id, role, disposition, grantId, address }, expiresAt);
  const inline = disposition === 'inline';
  const query = new URLSearchParams({
    ...(role === undefined ? {} : { role }),
    ...(transaction !== undefined && inline ? { disposition } : {}),
    ...(address === null ? {} : { address }),
    signature,
  });
  const door = transaction === undefined ? (inline ? 'view' : 'download') : `access-media/${transaction}`;
  return { url: `${ctx.site.baseURL}/${door}/${row.id}?${query.toString()}`, expiresAt: new Date(Math.floor(expiresAt.getTime() / 1000) * 1000).toISOString() };
}

async function grantOf(ctx: DeliveryContext, { transaction, mediaId }: { transaction: string; mediaId: string }): Promise<string> {
  const row = await ctx.site.db
    .selectFrom('grant_')
    .innerJoin('grant_asset', 'grant_asset.grant_id', 'grant_.id')
    .select(['grant_.id', 'grant_.revoked_at', 'grant_.expires_at'])
    .where('grant_.transaction', '=', transaction)
    .where('grant_asset.asset_id', '=', mediaId)
    .where('grant_asset.removed_at', 'is', null)
    .executeTakeFirst();
  // A seller learns nothing about other sellers' grants.
  if (row === undefined) throw invalid('transaction', 'No grant of this transaction names this file.');
  if (isOver(row, ctx.site.clock.now())) throw new SafelightError('gone', 'This grant is over. Restore or prolong it first.');
  return row.id;
}

const invalid = (field: string, message: string): SafelightError => new SafelightError('invalid_request', message, { errors: [{ field, message }] });
