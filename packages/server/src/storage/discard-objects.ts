import { patienceMs } from '../lib/patience.ts';
import { releaseUnbound } from './ledger.ts';
import { removeObjects, type RemovalContext } from './remove-objects.ts';

/**
 * Gives up objects that nothing refers to: what was made in vain, or was released by a transaction before. Never what is bound to an asset,
 * for the answer to a COMMIT may be lost while the commit held. Never throws: what cannot be removed now, or not even marked, is the
 * sweeper's when its lease runs out.
 */
export async function discardObjects(ctx: RemovalContext, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  try {
    await releaseUnbound(ctx.site.db, ids);
    // It is not held up by what is being stopped, and holds nothing up for long.
    await removeObjects({ ...ctx, signal: AbortSignal.timeout(patienceMs.discard) }, ids);
  } catch (error) {
    ctx.log.warn({ err: error, objects: ids }, 'what was given up could not be removed at once; the sweeper will');
  }
}
