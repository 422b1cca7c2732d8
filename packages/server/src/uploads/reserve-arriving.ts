import type { Actor } from '../lib/context.ts';
import { SafelightError } from '../lib/errors.ts';
import { transact } from '../lib/transact.ts';
import { hasQuota, reserveQuota } from '../policy/require-quota.ts';
import type { UploadSession } from './session-rows.ts';
import type { UploadContext } from './upload-context.ts';

/** The owner, with the rights that the session was opened with; anybody with the URL may send the bytes. */
const ownerOf = (session: UploadSession): Actor => ({ id: session.owner_id, scopes: new Set(session.bound_by_quota ? [] : ['media:admin']) });

/** Whether bytes are reserved as they arrive: their number was not declared, and a quota applies. */
export const isReservedLate = (ctx: UploadContext, session: UploadSession): boolean =>
  session.declared_bytes === null && hasQuota(ownerOf(session), ctx.site.ceilings);

/**
 * Reserves quota for the bytes of an upload before they count as kept; `total` includes those to be kept now. Throws `quota_exceeded` when the owner
 * may not have that many.
 */
export async function reserveArriving(ctx: UploadContext, session: UploadSession, total: number): Promise<void> {
  if (!isReservedLate(ctx, session)) return;
  await transact(ctx.site.db, async (tx) => {
    await reserveQuota(tx, ownerOf(session), ctx.site.ceilings, { bytes: total, uploadId: session.id });
    await tx.updateTable('upload_session').set({ received_bytes: total }).where('id', '=', session.id).where('state', '=', 'open').execute();
  });
}

/** Returns the reservation, because nothing was kept after all. */
export async function releaseArriving(ctx: UploadContext, session: UploadSession): Promise<void> {
  if (!isReservedLate(ctx, session)) return;
  await ctx.site.db.updateTable('upload_session').set({ received_bytes: 0 }).where('id', '=', session.id).where('state', '=', 'open').execute();
}

/** The same for the next part of a multipart upload. A part that is sent again counts twice until the quota is full; then the real sizes are read. */
export async function reservePart(ctx: UploadContext, session: UploadSession, bytes: number, readOthers: () => Promise<number>): Promise<void> {
  try {
    await reserveArriving(ctx, session, session.received_bytes + bytes);
  } catch (error) {
    if (!(error instanceof SafelightError) || error.code !== 'quota_exceeded') throw error;
    await reserveArriving(ctx, session, (await readOthers()) + bytes);
  }
}
