import type { Grant, GrantCreate } from '@safelight/contract/grants';
import { randomUUIDv7 } from 'node:crypto';

import { emit } from '../events/emit.ts';
import { enqueue } from '../jobs/enqueue.ts';
import type { Tx } from '../lib/context.ts';
import { SafelightError } from '../lib/errors.ts';
import { transact } from '../lib/transact.ts';
import type { GrantContext, GrantRow } from './grant-rows.ts';
import { renderOneGrant } from './render-grant.ts';

/** Grants files to a buyer. A payment's webhook may come twice: the same request returns the same grant, with the same addresses. */
export async function createGrant(ctx: GrantContext, input: GrantCreate): Promise<{ grant: Grant; isNew: boolean }> {
  const assetIds = [...new Set(input.assetIds)];
  const wanted = { buyerId: input.buyerId ?? null, assetIds, expiresAt: instantOf(input.expiresAt), maxDownloads: input.maxDownloads ?? null };
  const stamp = input.stamp ?? null;
  const request = JSON.stringify(stamp === null ? wanted : { ...wanted, stamp });
  return await transact(ctx.site.db, async (tx) => {
    const values = {
      id: randomUUIDv7(),
      transaction: input.transaction,
      buyer_id: wanted.buyerId,
      request,
      expires_at: wanted.expiresAt === null ? null : new Date(wanted.expiresAt),
      max_downloads: wanted.maxDownloads,
      created_by: ctx.actor.id,
      stamp,
    };
    const made = await tx
      .insertInto('grant_')
      .values(values)
      .onConflict((conflict) => conflict.column('transaction').doNothing())
      .returningAll()
      .executeTakeFirst();
    const row = made ?? (await tx.selectFrom('grant_').selectAll().where('transaction', '=', input.transaction).executeTakeFirstOrThrow());
    if (made === undefined && row.request !== request)
      throw new SafelightError(
        'idempotency_conflict',
        'There is a grant for this transaction already, made with another body. Change it with PATCH, or name another transaction.',
        { retryable: false },
      );
    if (made !== undefined) {
      await addFiles(tx, { grantId: row.id, assetIds, maxDownloads: wanted.maxDownloads, field: 'assetIds' });
      await wantStamps(tx, row);
      await emit(tx, [{ name: 'grant_created', ownerId: ctx.actor.id, payload: { transaction: row.transaction, assetIds } }]);
    }
    return { grant: await renderOneGrant(ctx, row, tx), isNew: made !== undefined };
  });
}

/** Queues the marking of documents before their buyer comes. */
export async function wantStamps(tx: Tx, { id, stamp, created_by: ownerId }: Pick<GrantRow, 'id' | 'stamp' | 'created_by'>): Promise<void> {
  if (stamp !== null) await enqueue(tx, { type: 'stamp', ownerId, singletonKey: id, data: { grantId: id } });
}

/** Appends files to a grant; revoked ones are granted again. */
export async function addFiles(tx: Tx, input: { grantId: string; assetIds: readonly string[]; maxDownloads: number | null; field: string }): Promise<void> {
  const known = await tx.selectFrom('asset').select('id').where('id', 'in', input.assetIds).where('deleted_at', 'is', null).execute();
  const unknown = input.assetIds.filter((id) => !known.some((row) => row.id === id));
  if (unknown.length > 0)
    throw new SafelightError('invalid_request', `There is no such media: ${unknown.slice(0, 5).join(', ')}. Name media that is there.`, {
      errors: unknown.map((id) => ({ field: input.field, message: `there is no media ${id}` })),
    });
  const { count } = await tx
    .selectFrom('grant_asset')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('grant_id', '=', input.grantId)
    .executeTakeFirstOrThrow();
  await tx
    .insertInto('grant_asset')
    .values(input.assetIds.map((id, index) => ({ grant_id: input.grantId, asset_id: id, position: count + index, max: input.maxDownloads })))
    .onConflict((conflict) => conflict.columns(['grant_id', 'asset_id']).doUpdateSet({ removed_at: null }))
    .execute();
}

/** The same instant for every notation. */
const instantOf = (text: string | null | undefined): string | null => (text === null || text === undefined ? null : new Date(text).toISOString());
