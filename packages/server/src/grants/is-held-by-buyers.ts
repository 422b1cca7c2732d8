import { sql } from '#kysely';

import type { Tx } from '../lib/context.ts';

/**
 * Whether a buyer holds the asset, or one that it replaced, and the grant ended less than thirty days ago, if at all; within that time a revocation
 * can be undone. Media that were purged without an undo window, for legal reasons, are held by nobody.
 */
export async function isHeldByBuyers(tx: Tx, assetId: string): Promise<boolean> {
  const { rows } = await sql<{ held: boolean }>`
    with recursive version as (
      select ${assetId}::uuid as id union select asset.id from version join asset on asset.replaced_by = version.id
    )
    select exists (
      select 1 from version join grant_asset ga on ga.asset_id = version.id join grant_ g on g.id = ga.grant_id
      where coalesce(least(g.revoked_at, g.expires_at, ga.removed_at), 'infinity') > now() - interval '30 days'
    ) and not exists (select 1 from audit
      where audit.asset_id = ${assetId}::uuid and audit.action = 'purge_now') as held`.execute(tx);
  return rows[0]?.held ?? false;
}
