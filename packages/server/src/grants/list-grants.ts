import type { downloadListSchema, downloadListQuerySchema, Grant, grantListQuerySchema } from '@safelight/contract/grants';
import type { z } from 'zod';

import { encodeCursor, idOfCursor } from '../lib/cursor.ts';
import { notFound } from '../lib/errors.ts';
import { readGrantFiles, type GrantContext, type GrantRow } from './grant-rows.ts';
import { renderGrant, renderOneGrant } from './render-grant.ts';

export async function readGrant(ctx: GrantContext, { transaction }: { transaction: string }): Promise<Grant> {
  return await renderOneGrant(ctx, await grantOf(ctx, transaction));
}

async function grantOf(ctx: GrantContext, transaction: string): Promise<GrantRow> {
  const row = await ctx.site.db.selectFrom('grant_').selectAll().where('transaction', '=', transaction).executeTakeFirst();
  if (row === undefined) throw notFound('grant');
  return row;
}

/** Grants, newest first: all, a buyer's, or those with a certain file. */
export async function listGrants(ctx: GrantContext, query: z.output<typeof grantListQuerySchema>): Promise<{ grants: Grant[]; nextCursor: string | null }> {
  let select = ctx.site.db
    .selectFrom('grant_')
    .selectAll()
    .orderBy('id', 'desc')
    .limit(query.limit + 1);
  const { buyerId, mediaId } = query;
  if (buyerId !== undefined) select = select.where('buyer_id', '=', buyerId);
  if (mediaId !== undefined)
    select = select.where('id', 'in', (of) => of.selectFrom('grant_asset').select('grant_id').where('asset_id', '=', mediaId).where('removed_at', 'is', null));
  if (query.search !== undefined) {
    const begins = query.search.replaceAll(/[\\%_]/g, '\\$&');
    select = select.where((eb) => eb.or([eb('transaction', 'like', `${begins}%`), eb('buyer_id', '=', query.search ?? '')]));
  }
  if (query.cursor !== undefined) select = select.where('id', '<', idOfCursor(query.cursor));
  const rows = await select.execute();
  const page = rows.slice(0, query.limit);
  const files = await readGrantFiles(
    ctx.site.db,
    page.map(({ id }) => id),
  );
  const last = page.at(-1);
  return {
    grants: page.map((row) => renderGrant(ctx, row, files)),
    nextCursor: rows.length > query.limit && last !== undefined ? encodeCursor(last.id) : null,
  };
}

/** Downloads, newest first. */
export async function listDownloads(
  ctx: GrantContext,
  query: z.output<typeof downloadListQuerySchema> & { transaction: string },
): Promise<z.output<typeof downloadListSchema>> {
  const grant = await grantOf(ctx, query.transaction);
  let select = ctx.site.db
    .selectFrom('download')
    .selectAll()
    .where('grant_id', '=', grant.id)
    .orderBy('id', 'desc')
    .limit(query.limit + 1);
  if (query.cursor !== undefined) select = select.where('id', '<', idOfCursor(query.cursor));
  const rows = await select.execute();
  const page = rows.slice(0, query.limit);
  const last = page.at(-1);
  return {
    downloads: page.map((row) => ({
      id: row.id,
      mediaId: row.asset_id,
      startedAt: row.started_at.toISOString(),
      lastAt: row.last_at.toISOString(),
      bytes: row.bytes,
      requests: row.requests,
      state: row.state,
      carrier: row.carrier,
    })),
    nextCursor: rows.length > query.limit && last !== undefined ? encodeCursor(last.id) : null,
  };
}
