import { sql } from '#kysely';

import { removeObjects, type RemovalContext } from './remove-objects.ts';
import { sweepUnnamed } from './sweep-unnamed.ts';

/**
 * Finishes what a crash left, from the ledger alone, without listing a bucket: gives up objects whose writer's lease has passed, and removes
 * everything marked for deletion; names what is stored but has no name yet. Its cost depends on the number of such rows, never on the size of the store.
 */
export async function sweepLedger(ctx: RemovalContext): Promise<{ abandoned: number; removed: number; failed: number }> {
  const { numUpdatedRows } = await ctx.site.db
    .updateTable('object')
    .set({ state: 'deleting', lease_until: null, retry_at: sql<Date>`now()` })
    .where('state', '=', 'writing')
    .where('lease_until', '<', sql<Date>`now()`)
    .executeTakeFirst();
  const { removed, failed } = await removeObjects(ctx);
  return { abandoned: Number(numUpdatedRows), removed: removed + (await sweepUnnamed(ctx)), failed };
}
