import type { Actor } from '../lib/context.ts';
import { SafelightError } from '../lib/errors.ts';
import { transact } from '../lib/transact.ts';
import { hasQuota, reserveQuota } from '../policy/require-quota.ts';
import type { UploadSession } from './session-rows.ts';
import type { UploadContext } from './upload-context.ts';

/** Its owner, with the rights that the session was opened with; the bearer of the bytes may be anybody with its URL. */
const ownerOf = (session: UploadSession): Actor => ({ id: session.owner_id, scopes: new Set(session.bound_by_quota ? [] : ['media:admin']) });

/** Whether the bytes of an upload are to be reserved as they come: nobody said beforehand how many there are, and a quota binds them. */
export const isReservedLate = (ctx: UploadContext, session: UploadSession): boolean =>
  session.declared_bytes === null && hasQuota(ownerOf(session), ctx.site.ceilings);

/**
 * Reserves room for the bytes that have come of an upload, `total` with those that are to be kept now, before they count as kept. Throws
 * `quota_exceeded` where they are more than its owner may have.
 */
export async function reserveArriving(ctx: UploadContext, session: UploadSession, total: number): Promise<void> {
  if (!isReservedLate(ctx, session)) return;
  await transact(ctx.site.db, async (tx) => {
    await reserveQuota(tx, ownerOf(session), ctx.site.ceilings, { bytes: total, uploadId: session.id });
    await tx.updateTable('upload_session').set({ received_bytes: total }).where('id', '=', session.id).where('state', '=', 'open').execute();
  });
}

/** Nothing of what was reserved has been kept after all. */
export async function releaseArriving(ctx: UploadContext, session: UploadSession): Promise<void> {
  if (!isReservedLate(ctx, session)) return;
  await ctx.site.db.updateTable('upload_session').set({ received_bytes: 0 }).where('id', '=', session.id).where('state', '=', 'open').execute();
}

/** The same for the next part of an upload in parts: a part that is sent again counts twice until there is no room, and then what is really there is asked. */
export async function reservePart(ctx: UploadContext, session: UploadSession, bytes: number, readOthers: () => Promise<number>): Promise<void> {
  try {
    await reserveArriving(ctx, session, session.received_bytes + bytes);
  } catch (error) {
    if (!(error instanceof SafelightError) || error.code !== 'quota_exceeded') throw error;
    await reserveArriving(ctx, session, (await readOthers()) + bytes);
  }
}
