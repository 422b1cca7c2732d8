import type { Grant } from '@safelight/contract/grants';

import { accessTokenOf } from './access-token.ts';
import { readGrantFiles, type GrantContext, type GrantFileRow, type GrantRow, type GrantSite } from './grant-rows.ts';
import type { Db, Tx } from '../lib/context.ts';

/** The record of a grant, with its addresses. */
export function renderGrant(ctx: { site: Pick<GrantSite, 'signing' | 'baseURL'> }, row: GrantRow, allFiles: readonly GrantFileRow[]): Grant {
  const files = allFiles.filter((file) => file.grant_id === row.id && file.removed_at === null);
  const door = `${ctx.site.baseURL}/access-media/${row.transaction}`;
  const access = `?access=${accessTokenOf(ctx.site.signing, row)}`;
  return {
    transaction: row.transaction,
    buyerId: row.buyer_id,
    assetIds: files.map(({ asset_id: id }) => id),
    expiresAt: row.expires_at?.toISOString() ?? null,
    maxDownloads: row.max_downloads,
    stamp: row.stamp,
    revokedAt: row.revoked_at?.toISOString() ?? null,
    createdAt: row.created_at.toISOString(),
    version: row.version,
    accessURL: door + access,
    zipURL: `${door}/all.zip${access}`,
    files: files.flatMap((file) =>
      file.current_id === null || file.original_file_name === null
        ? []
        : [
            {
              mediaId: file.asset_id,
              replacedBy: file.current_id === file.asset_id ? null : file.current_id,
              fileName: file.original_file_name,
              byteSize: file.bytes ?? 0,
              mimeType: file.mime_type ?? 'application/octet-stream',
              sha256: file.sha256,
              url: `${door}/${file.asset_id}${access}`,
              downloads: file.used,
              maxDownloads: file.max,
              lastDownloadAt: file.last_download_at?.toISOString() ?? null,
            },
          ],
    ),
  };
}

export async function renderOneGrant(ctx: GrantContext, row: GrantRow, db: Db | Tx = ctx.site.db): Promise<Grant> {
  return renderGrant(ctx, row, await readGrantFiles(db, [row.id]));
}
