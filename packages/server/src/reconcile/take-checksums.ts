import { crc32 as crc32Of } from 'node:zlib';

import { sql } from '#kysely';

import type { StoreSite } from '../storage/stores.ts';
import { currentVersion } from '../grants/grant-rows.ts';
import type { Context } from '../lib/context.ts';
import { locatorOf } from '../storage/ledger.ts';

type Unchecked = { id: string; provider: string; location: string; key: string };

/**
 * Reads the files of a grant that were stored before checksums were recorded, once, so that they can be part of an archive. Missing files are left to
 * other checks.
 */
export async function takeChecksums(ctx: Context<StoreSite>, { grantId }: { grantId: string }): Promise<{ taken: number }> {
  const { rows } = await sql<Unchecked>`
    select object.id, object.provider, object.location, object.key from grant_asset ga
    join lateral (${currentVersion}) current on true
    join object on object.asset_id = current.id and object.state = 'stored' and object.crc32 is null
      and object.role in ('source', 'canonical', 'detail_large', 'stream')
    where ga.grant_id = ${grantId} order by object.id`.execute(ctx.site.db);
  let taken = 0;
  for (const row of rows) {
    const stored = await ctx.site.stores.of(locatorOf(row)).get(row.key, { signal: ctx.signal });
    if (stored === null) continue;
    let crc32 = 0;
    for await (const chunk of stored.body as AsyncIterable<Buffer>) crc32 = crc32Of(chunk, crc32);
    await ctx.site.db.updateTable('object').set({ crc32 }).where('id', '=', row.id).execute();
    taken += 1;
  }
  return { taken };
}
