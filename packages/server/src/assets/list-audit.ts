import type { AuditEntry, auditQuerySchema } from '@safelight/contract/audit';
import type { z } from 'zod';

import type { DataSite } from '../lib/context.ts';
import { encodeCursor, idOfCursor } from '../lib/cursor.ts';

export type AuditQuery = z.output<typeof auditQuerySchema>;

/** Audit records, newest first. They outlive the assets that they are about. */
export async function listAudit(ctx: { site: Pick<DataSite, 'db'> }, query: AuditQuery): Promise<{ entries: AuditEntry[]; nextCursor: string | null }> {
  let select = ctx.site.db
    .selectFrom('audit')
    .selectAll()
    .orderBy('id', 'desc')
    .limit(query.limit + 1);
  if (query.action !== undefined) select = select.where('action', '=', query.action);
  if (query.mediaId !== undefined) select = select.where('asset_id', '=', query.mediaId);
  if (query.assetId !== undefined) select = select.where('asset_id', '=', query.assetId);
  if (query.actorId !== undefined) select = select.where('actor_id', '=', query.actorId);
  if (query.cursor !== undefined) select = select.where('id', '<', idOfCursor(query.cursor));
  const rows = await select.execute();
  const page = rows.slice(0, query.limit);
  const last = page.at(-1);
  return {
    entries: page.map(({ id, at, actor_id, action, asset_id, collection, detail }) => ({
      id,
      at: at.toISOString(),
      actorId: actor_id,
      action,
      assetId: asset_id,
      collection,
      detail,
    })),
    nextCursor: rows.length > query.limit && last !== undefined ? encodeCursor(last.id) : null,
  };
}
