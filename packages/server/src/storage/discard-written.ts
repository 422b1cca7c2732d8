import { patienceMs } from '../lib/patience.ts';
import { releaseUnrecorded, type Written } from './ledger.ts';
import { removeObjects, type RemovalContext } from './remove-objects.ts';

/**
 * Gives up objects that this process has reserved and perhaps written, as `discardObjects` does. If the machine slept until their leases had passed,
 * the sweeper has removed their rows before these bytes came: they get rows again, so that the ledger names what lies there.
 */
export async function discardWritten(ctx: RemovalContext, written: readonly Written[]): Promise<void> {
  if (written.length === 0) return;
  const ids = written.map(({ id }) => id);
  try {
    await releaseUnrecorded(ctx.site.db, written);
    // Has its own deadline: a shutdown does not cut it off, and it does not delay a shutdown for long.
    await removeObjects({ ...ctx, signal: AbortSignal.timeout(patienceMs.discard) }, ids);
  } catch (error) {
    ctx.log.warn({ err: error, objects: ids }, 'discarded objects could not be removed at once; the sweeper will remove them');
  }
}
