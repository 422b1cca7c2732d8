import type { Grant, GrantPatch } from '@safelight/contract/grants';

import { requireVersion } from '../assets/access.ts';
import { emit } from '../events/emit.ts';
import type { Tx } from '../lib/context.ts';
import { notFound, SafelightError } from '../lib/errors.ts';
import { transact } from '../lib/transact.ts';
import { addFiles, wantStamps } from './create-grant.ts';
import type { GrantContext, GrantRow } from './grant-rows.ts';
import { renderOneGrant } from './render-grant.ts';

type Event = 'grant_updated' | 'grant_revoked';
type Change = { transaction: string };

/** Changes only the named fields: of a partly refunded order, the rest stays the buyer's. */
export async function changeGrant(ctx: GrantContext, input: Change & { ifMatch?: string | undefined; patch: GrantPatch }): Promise<Grant> {
  const { patch } = input;
  return await change(ctx, input, async (tx, row) => {
    requireVersion(row, input.ifMatch);
    const maxDownloads = patch.maxDownloads === undefined ? row.max_downloads : patch.maxDownloads;
    if (patch.addAssetIds !== undefined) {
      await addFiles(tx, { grantId: row.id, assetIds: [...new Set(patch.addAssetIds)], maxDownloads, field: 'addAssetIds' });
      await wantStamps(tx, row);
    }
    const files = tx.updateTable('grant_asset').where('grant_id', '=', row.id);
    if (patch.removeAssetIds !== undefined) {
      await requireNamed(tx, row, 'removeAssetIds', patch.removeAssetIds);
      await files.set({ removed_at: ctx.site.clock.now() }).where('asset_id', 'in', patch.removeAssetIds).where('removed_at', 'is', null).execute();
    }
    if (patch.maxDownloads !== undefined) await files.set({ max: maxDownloads }).execute();
    if (patch.resetDownloads !== undefined) {
      const reset = files.set({ used: 0, given_back_bytes: 0 });
      if (patch.resetDownloads !== true) await requireNamed(tx, row, 'resetDownloads', patch.resetDownloads);
      await (patch.resetDownloads === true ? reset : reset.where('asset_id', 'in', patch.resetDownloads)).execute();
    }
    const end = patch.expiresAt === undefined ? {} : { expires_at: patch.expiresAt === null ? null : new Date(patch.expiresAt) };
    return { event: 'grant_updated', set: { max_downloads: maxDownloads, ...end } };
  });
}

/** Revokes the whole grant, for every server with its next request. */
export const revokeGrant = async (ctx: GrantContext, input: Change): Promise<Grant> =>
  await change(ctx, input, async (_tx, row) => (row.revoked_at === null ? { event: 'grant_revoked', set: { revoked_at: ctx.site.clock.now() } } : null));

export const restoreGrant = async (ctx: GrantContext, input: Change): Promise<Grant> =>
  await change(ctx, input, async (_tx, row) => (row.revoked_at === null ? null : { event: 'grant_updated', set: { revoked_at: null } }));

/** New addresses, for a receipt that was lost or passed on; the old ones prove nothing any more. */
export const renewAccessToken = async (ctx: GrantContext, input: Change): Promise<Grant> =>
  await change(ctx, input, async (_tx, row) => ({ event: 'grant_updated', set: { generation: row.generation + 1 } }));

/** One transaction for every change: locks the row, raises its version and emits the event. If nothing changes, it does neither. */
async function change(
  ctx: GrantContext,
  { transaction }: Change,
  decide: (tx: Tx, row: GrantRow) => Promise<{ event: Event; set: Partial<GrantRow> } | null>,
): Promise<Grant> {
  return await transact(ctx.site.db, async (tx) => {
    // Taking a download locks the row of its file and then refers to this row. This lock mode allows that; otherwise the two would deadlock.
    const row = await tx.selectFrom('grant_').selectAll().where('transaction', '=', transaction).forNoKeyUpdate().executeTakeFirst();
    if (row === undefined) throw notFound('grant');
    const decided = await decide(tx, row);
    if (decided === null) return await renderOneGrant(ctx, row, tx);
    const after = await tx
      .updateTable('grant_')
      .set({ ...decided.set, version: row.version + 1 })
      .where('id', '=', row.id)
      .returningAll()
      .executeTakeFirstOrThrow();
    const grant = await renderOneGrant(ctx, after, tx);
    await emit(tx, [{ name: decided.event, ownerId: row.created_by, payload: { transaction, assetIds: grant.assetIds } }]);
    return grant;
  });
}

async function requireNamed(tx: Tx, row: GrantRow, field: string, ids: readonly string[]): Promise<void> {
  const known = await tx.selectFrom('grant_asset').select('asset_id').where('grant_id', '=', row.id).execute();
  const unknown = ids.filter((id) => !known.some(({ asset_id: of }) => of === id));
  if (unknown.length > 0)
    throw new SafelightError('invalid_request', `The grant does not name ${unknown.slice(0, 5).join(', ')}. Name files that it has.`, {
      errors: unknown.map((id) => ({ field, message: `${id} is not of this grant` })),
    });
}
