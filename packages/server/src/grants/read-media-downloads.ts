import type { MediaDownloads } from '@safelight/contract/grants';
import { sql } from '#kysely';

import { isOwn } from '../delivery/may-read.ts';
import type { Context } from '../lib/context.ts';
import { notFound } from '../lib/errors.ts';

const dayMs = 86_400_000;
const usualDays = 30;
const mostDays = 366;
/** With fewer buyers, the seller could tell who they are. */
const leastBuyers = 5;

/** How often a file was downloaded, by day, for its owner: the number of buyers, never who they are. */
export async function readMediaDownloads(ctx: Context, input: { id: string; from?: string | undefined; to?: string | undefined }): Promise<MediaDownloads> {
  const asset = await ctx.site.db.selectFrom('asset').select(['owner_id', 'entity_type', 'entity_id']).where('id', '=', input.id).executeTakeFirst();
  if (asset === undefined || !isOwn(ctx.actor, asset)) throw notFound('media');
  const today = Date.parse(ctx.site.clock.now().toISOString().slice(0, 10));
  // The year that can be read ends today at the latest, whatever the caller names.
  const to = Math.min(input.to === undefined ? today : Date.parse(input.to), today) + dayMs;
  const from = Math.max(input.from === undefined ? to - usualDays * dayMs : Date.parse(input.from), to - mostDays * dayMs);
  const { rows } = await sql<{ day: string; downloads: number; buyers: number; bytes: number }>`
    with recursive version as (
      select ${input.id}::uuid as id union select asset.id from version join asset on asset.replaced_by = version.id
    )
    select (started_at at time zone 'utc')::date::text as day,
      count(*) filter (where state <> 'given_back') as downloads,
      count(distinct grant_id) as buyers, sum(bytes)::bigint as bytes
    from download join version on version.id = download.asset_id
    where started_at >= ${new Date(from)} and started_at < ${new Date(to)} group by 1 order by 1`.execute(ctx.site.db);
  return { days: rows.map((row) => ({ ...row, buyers: row.buyers < leastBuyers ? '<5' : row.buyers })) };
}
