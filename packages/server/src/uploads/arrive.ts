import { kindRules } from '../assets/kind-rules.ts';
import type { MediaRow } from '../assets/media-row.ts';
import type { Actor, Tx } from '../lib/context.ts';
import { newJobId, type JobId } from '../lib/ids.ts';
import { entityOf } from '../lib/reach.ts';
import type { ClaimedPlace } from '../places/claim-place.ts';
import { reserveQuota } from '../policy/require-quota.ts';
import { enqueueMirror, type Staged } from './enqueue-mirror.ts';
import { registerAsset, type Registration } from './session-rows.ts';
import type { UploadContext } from './upload-context.ts';

/** Bytes that are durable and that the ledger knows, with what is said of them; not yet an asset. */
export type Arriving = Pick<Registration, 'session' | 'sessionState' | 'kind' | 'mimeType' | 'source'> & {
  /**
   * What is done next: bytes that nobody here has looked at are finalized, others are processed. Null when the caller goes on with them
   * itself, in its own job or in the request.
   */
  next: 'finalize' | 'process' | null;
  /** By whose rights the quota of their owner is asked; null where no quota binds. */
  charged: { by: Actor; isJoined?: boolean } | null;
  /** They lie on the staging store, and are to be brought to the final one while they are worked on. */
  staged?: Staged;
};

export type Arrived = { row: MediaRow; jobId: JobId };

/**
 * The one way from bytes to an asset, whatever brought them: a form, an upload that was completed, an import, a provider, or an object that
 * was there before. Session, ledger, asset, quota and job move in the caller's transaction, which tells of it as its last statement.
 * `claimed` is the place of another photo that it waits to take, and so it belongs to that one's owner. Null when the session had moved on
 * before: then nothing was changed.
 */
export async function arrive(ctx: UploadContext, tx: Tx, arriving: Arriving, claimed?: ClaimedPlace | null): Promise<Arrived | null> {
  const { session, next, charged, staged } = arriving;
  // The sender follows its jobs, also where the photo becomes somebody else's.
  const about = {
    ownerId: session.owner_id,
    assetId: session.asset_id,
    uploadId: session.id,
    collection: session.collection,
    entity: entityOf(session) ?? undefined,
  };
  const { uploadId, assetId } = about;
  const id = newJobId();
  const jobs = {
    finalize: { ...about, id, type: 'finalize', data: { uploadId, assetId } },
    process: { ...about, id, type: 'process', lane: kindRules[arriving.kind].lane, data: { assetId } },
  } as const;
  const ownerId = claimed?.ownerId ?? session.owner_id;
  const owned = { ...session, owner_id: ownerId, replaces: claimed?.replaces ?? session.replaces };
  const row = await registerAsset(tx, { ...arriving, session: owned, ...(next === null ? {} : { job: jobs[next] }) });
  if (row === null) return null;
  if (charged !== null)
    await reserveQuota(tx, { ...charged.by, id: ownerId }, ctx.site.ceilings, { bytes: 0, isWritten: true, isJoined: charged.isJoined === true });
  if (staged !== undefined) await enqueueMirror(ctx, tx, staged, about);
  return { row, jobId: id };
}
