import type { Selectable } from '#kysely';
import { sql } from '#kysely';

import type { Context, Db, Tx, DataSite } from '../lib/context.ts';
import type { GrantTable } from '../lib/schema-grants.ts';
import type { Signing } from '../lib/signing.ts';

export type GrantSite = DataSite & { signing: Signing; baseURL: string };
export type GrantContext = Context<GrantSite>;
export type GrantRow = Selectable<GrantTable>;

/** The current version of a file of a grant: its replacement, if it was replaced. Null when it was purged. */
export type GrantFileRow = {
  grant_id: string;
  asset_id: string;
  used: number;
  max: number | null;
  last_download_at: Date | null;
  removed_at: Date | null;
  current_id: string | null;
  original_file_name: string | null;
  bytes: number | null;
  mime_type: string | null;
  sha256: string | null;
};

/**
 * The files of grants in the order in which they were named. Replacements are followed to the current version; of that, buyers get the source, or its
 * substitute if the source is not kept.
 */
export async function readGrantFiles(db: Db | Tx, grantIds: readonly string[]): Promise<GrantFileRow[]> {
  if (grantIds.length === 0) return [];
  const { rows } = await sql<GrantFileRow>`
    select ga.grant_id, ga.asset_id, ga.used, ga.max, ga.last_download_at, ga.removed_at, asset.id as current_id,
      asset.original_file_name,
      coalesce(object.bytes, asset.byte_size) + coalesce(stamped.tail_bytes, 0) as bytes,
      coalesce(object.mime_type, asset.mime_type) as mime_type, coalesce(stamped.sha256, object.sha256) as sha256
    from grant_asset ga
    left join lateral (${currentVersion}) current on true
    left join asset on asset.id = current.id and not (${isPurgedNow})
    left join object on object.asset_id = asset.id and object.state = 'stored' and object.role = case
      when exists (select 1 from object source
        where source.asset_id = asset.id and source.state = 'stored' and source.role = 'source') then 'source'
          else 'canonical' end
    left join grant_stamp stamped on stamped.grant_id = ga.grant_id and stamped.object_id = object.id
    where ga.grant_id = any(${grantIds}::uuid[]) order by ga.grant_id, ga.position`.execute(db);
  return rows;
}

/** Whether it was removed without an undo window: buyers get it no more, although its rows and bytes go when the job runs. */
export const isPurgedNow = sql`asset.deleted_at is not null and exists (
  select 1 from audit where audit.asset_id = asset.id and audit.action = 'purge_now')`;

/** From `ga.asset_id` along the replacements to the last one. */
export const currentVersion = sql`
  with recursive version as (
    select asset.id, asset.replaced_by, 0 as step from asset where asset.id = ga.asset_id
    union all
    select asset.id, asset.replaced_by, version.step + 1 from version join asset on asset.id = version.replaced_by
    where version.step < 1000
  ) select id from version order by step desc limit 1`;
