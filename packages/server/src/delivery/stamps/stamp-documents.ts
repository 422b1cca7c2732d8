import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { crc32 as crc32Of, deflateSync } from 'node:zlib';

import { sql } from '#kysely';

import type { StoreSite } from '../../storage/stores.ts';
import { emit } from '../../events/emit.ts';
import { currentVersion } from '../../grants/grant-rows.ts';
import type { Context } from '../../lib/context.ts';
import { owned } from '../../lib/owned.ts';
import { transact } from '../../lib/transact.ts';
import { locatorOf } from '../../storage/ledger.ts';
import { withLocalFile } from '../../storage/with-local-file.ts';
import { stampPdf, type FromStamper } from './stamp-pdf.ts';

type Unstamped = {
  id: string;
  provider: string;
  location: string;
  key: string;
  bytes: number;
  asset_id: string;
  owner_id: string;
  transaction: string;
  stamp: string;
};

/** The largest document that one process can hold several times over. */
const mostBytes = 256 * 2 ** 20;
const reasons = {
  encrypted: 'The document asks for a password, so its pages cannot be marked. Buyers get it as it is.',
  damaged: 'The document cannot be read well enough to mark its pages. Buyers get it as it is.',
  too_much: 'Marking the pages took more time or memory than there is. Buyers get the document as it is.',
};

/** Marks the documents of a grant for its buyer, each once. The seller is told which ones cannot be marked; the sale stands all the same. */
export async function stampDocuments(ctx: Context<StoreSite>, { grantId }: { grantId: string }): Promise<{ stamped: number; failed: number }> {
  const { rows } = await sql<Unstamped>`
    select object.id, object.provider, object.location, object.key, object.bytes, asset.id as asset_id, asset.owner_id,
      g.transaction, g.stamp
    from grant_ g join grant_asset ga on ga.grant_id = g.id
    join lateral (${currentVersion}) current on true
    join asset on asset.id = current.id
    join object on object.asset_id = asset.id and object.state = 'stored' and object.role = 'source'
      and object.mime_type = 'application/pdf'
    where g.id = ${grantId} and g.stamp is not null and ga.removed_at is null
      and not exists (select 1 from grant_stamp s where s.grant_id = g.id and s.object_id = object.id)
    order by object.id`.execute(ctx.site.db);
  let [stamped, failed] = [0, 0];
  for (const row of rows) {
    const made = row.bytes > mostBytes ? { failure: 'too_much' as const } : await stampOne(ctx, row);
    if ('failure' in made) failed += 1;
    else stamped += 1;
    await keep(ctx, grantId, row, made);
  }
  return { stamped, failed };
}

type Stamped = { tail: Uint8Array; sha256: string; crc32: number };

async function stampOne(ctx: Context<StoreSite>, row: Unstamped): Promise<Stamped | Extract<FromStamper, { failure: string }>> {
  return await withLocalFile(ctx.site.stores, locatorOf(row), ctx.signal, async (file) => {
    const made = await stampPdf({ file, text: row.stamp }, ctx.signal);
    if ('failure' in made) return made;
    const hash = createHash('sha256');
    let crc32 = 0;
    const add = (chunk: Uint8Array): void => {
      hash.update(chunk);
      crc32 = crc32Of(chunk, crc32);
    };
    for await (const chunk of owned(createReadStream(file, { signal: ctx.signal })) as AsyncIterable<Buffer>) add(chunk);
    add(made.tail);
    return { tail: made.tail, sha256: hash.digest('hex'), crc32 };
  });
}

async function keep({ site: { db } }: Context, grantId: string, row: Unstamped, made: Awaited<ReturnType<typeof stampOne>>): Promise<void> {
  const values =
    'failure' in made ? { failure: made.failure } : { tail: deflateSync(made.tail), tail_bytes: made.tail.length, sha256: made.sha256, crc32: made.crc32 };
  await transact(db, async (tx) => {
    const { numInsertedOrUpdatedRows: kept } = await tx
      .insertInto('grant_stamp')
      .values({ grant_id: grantId, object_id: row.id, ...values })
      .onConflict((conflict) => conflict.columns(['grant_id', 'object_id']).doNothing())
      .executeTakeFirstOrThrow();
    if (kept === 0n || !('failure' in made)) return;
    await emit(tx, [
      {
        name: 'stamp_failed',
        ownerId: row.owner_id,
        mediaId: row.asset_id,
        payload: { transaction: row.transaction, reason: made.failure, message: reasons[made.failure] },
      },
    ]);
  });
}
