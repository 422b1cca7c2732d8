import { patienceMs } from '../lib/patience.ts';
import { releaseUnbound } from './ledger.ts';
import { removeObjects, type RemovalContext } from './remove-objects.ts';

/**
 * Gives up objects that nothing refers to: results of failed work, or objects that a transaction has released. Never objects bound to an asset: a
 * COMMIT may succeed although its answer is lost. Never throws: what cannot be removed or even marked now is left to the sweeper, once its lease runs
 * out.
 */
export async function discardObjects(ctx: RemovalContext, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  try {
    await releaseUnbound(ctx.site.db, ids);
    // Has its own deadline: a shutdown does not cut it off, and it does not delay a shutdown for long.
    await removeObjects({ ...ctx, signal: AbortSignal.timeout(patienceMs.discard) }, ids);
  } catch (error) {
    ctx.log.warn({ err: error, objects: ids }, 'discarded objects could not be removed at once; the sweeper will remove them');
  }
}
