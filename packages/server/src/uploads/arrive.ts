import { kindRules } from '../assets/kind-rules.ts';
import type { MediaRow } from '../assets/media-row.ts';
import type { Actor, Tx } from '../lib/context.ts';
import { newJobId, type JobId } from '../lib/ids.ts';
import { entityOf } from '../lib/reach.ts';
import type { ClaimedPlace } from '../places/claim-place.ts';
import { reserveQuota } from '../policy/require-quota.ts';
import { enqueueMirror, type Staged } from './enqueue-mirror.ts';
import { registerAssets } from './register-assets.ts';
import type { Registration } from './registration.ts';
import type { UploadContext } from './upload-context.ts';

/** Durable bytes, with a ledger row unless that is to come with the asset, and their description; not yet an asset. */
export type Arriving = Pick<Registration, 'session' | 'unopened' | 'isUnnamed' | 'isUntouched' | 'ruled' | 'sessionState' | 'kind' | 'mimeType' | 'source'> & {
  /**
   * The next job: bytes that were not inspected here are finalized, others are processed. Null when the caller continues with them itself, in its own
   * job or in the request.
   */
  next: 'finalize' | 'process' | null;
  /** Whose rights decide the owner's quota; null when no quota applies. */
  charged: { by: Actor; isJoined?: boolean } | null;
  /** Set when the bytes lie on the staging store and are to be moved to the final one during processing. */
  staged?: Staged;
  /** The trace of the request, where that is not the current one. */
  traceparent?: string | undefined;
};

export type Arrived = { row: MediaRow; jobId: JobId };

/**
 * The one way from bytes to an asset, whatever brought them: a form, a completed upload, an import, a provider, or an object that existed before.
 * Session, ledger, asset, quota and job change in the caller's transaction, whose last statement emits the event. `claimed` is the place of another
 * photo that this one waits to take; the new photo belongs to that one's owner. Returns null, with nothing changed, when the session had already
 * moved on.
 */
export async function arrive(ctx: UploadContext, tx: Tx, arriving: Arriving, claimed?: ClaimedPlace | null): Promise<Arrived | null> {
  const [arrived] = await arriveTogether(ctx, tx, [arriving], claimed);
  return arrived ?? null;
}

/** The same for several of one collection, all of entities or none; they may be of different owners. */
export async function arriveTogether(ctx: UploadContext, tx: Tx, arriving: readonly Arriving[], claimed?: ClaimedPlace | null): Promise<(Arrived | null)[]> {
  const registrations = arriving.map((one) => ({ ...registrationOf(one, claimed), one }));
  const rows = await registerAssets(tx, registrations);
  const arrived: (Arrived | null)[] = [];
  for (const [index, { one, session, jobId }] of registrations.entries()) {
    const row = rows[index] ?? null;
    arrived.push(row && { row, jobId });
    if (row === null) continue;
    const { charged, staged } = one;
    if (charged !== null)
      await reserveQuota(tx, { ...charged.by, id: session.owner_id }, ctx.site.ceilings, { bytes: 0, isWritten: true, isJoined: charged.isJoined === true });
    if (staged !== undefined) await enqueueMirror(ctx, tx, staged, aboutOf(one));
  }
  return arrived;
}

/** Senders follow their own jobs, also when the photo will belong to another owner. */
const aboutOf = ({ session }: Arriving) => ({
  ownerId: session.owner_id,
  assetId: session.asset_id,
  uploadId: session.id,
  collection: session.collection,
  entity: entityOf(session) ?? undefined,
});

function registrationOf(arriving: Arriving, claimed?: ClaimedPlace | null): Registration & { jobId: JobId } {
  const { session, next, traceparent } = arriving;
  const about = { ...aboutOf(arriving), traceparent };
  const { uploadId, assetId } = about;
  const id = newJobId();
  const jobs = {
    finalize: { ...about, id, type: 'finalize', data: { uploadId, assetId } },
    process: { ...about, id, type: 'process', lane: kindRules[arriving.kind].lane, data: { assetId } },
  } as const;
  const owned = { ...session, owner_id: claimed?.ownerId ?? session.owner_id, replaces: claimed?.replaces ?? session.replaces };
  return { ...arriving, session: owned, jobId: id, ...(next === null ? {} : { job: jobs[next] }) };
}
