import type { StoreSite } from '../storage/stores.ts';
import type { Context } from '../lib/context.ts';
import { releaseUnwritten } from '../storage/ledger.ts';
import { removeObjects } from '../storage/remove-objects.ts';
import { sessionObjects } from './session-rows.ts';

const batch = 500;

/**
 * Ends expired sessions whose bytes never came, and removes what had arrived. A PUT that began in time may still be running: its object stays in the
 * ledger until its lease has passed; then the sweeper removes it.
 */
export async function expireUploads(ctx: Context<StoreSite>): Promise<{ expired: number }> {
  let expired = 0;
  for (;;) {
    ctx.signal.throwIfAborted();
    const objects = await ctx.site.db.transaction().execute(async (tx) => {
      const due = await tx
        .selectFrom('upload_session')
        .select(['id', 'object_id', 'tail_object_id'])
        .where('state', '=', 'open')
        .where('expires_at', '<', ctx.site.clock.now())
        .limit(batch)
        .forUpdate()
        .skipLocked()
        .execute();
      if (due.length === 0) return null;
      await tx
        .updateTable('upload_session')
        .set({ state: 'expired', updated_at: ctx.site.clock.now() })
        .where(
          'id',
          'in',
          due.map(({ id }) => id),
        )
        .execute();
      const ids = due.flatMap(sessionObjects);
      await releaseUnwritten(tx, ids, ctx.site.clock.now());
      expired += due.length;
      return ids;
    });
    if (objects === null) return { expired };
    await removeObjects(ctx, objects);
  }
}
