import { transact } from '../lib/transact.ts';
import { hasQuota, reserveQuota } from '../policy/require-quota.ts';
import { insertSession, type NewSession } from './session-rows.ts';
import type { UploadContext } from './upload-context.ts';
import { writeOpening } from './write-opening.ts';

/**
 * Writes the ledger row of a direct upload, before its first byte, and its session, unless the whole file is here already (`isWhole`): such an upload
 * is over before anybody could look at it, and its session is written once, with the asset. Returns the session that has no row yet.
 */
export async function beginDirect(ctx: UploadContext, session: NewSession, isWhole: boolean): Promise<NewSession | undefined> {
  if (!hasQuota(ctx.actor, ctx.site.ceilings)) {
    await writeOpening(ctx.site.db, { session, isSessionLater: isWhole });
    return isWhole ? session : undefined;
  }
  await transact(ctx.site.db, async (tx) => {
    await reserveQuota(tx, ctx.actor, ctx.site.ceilings, { bytes: 0 });
    await insertSession(tx, session);
  });
  return undefined;
}
