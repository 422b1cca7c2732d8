import type { Media } from '@safelight/contract/media';
import { sql } from '#kysely';

import { requireOwn } from '../assets/access.ts';
import { readRow, selectMedia } from '../assets/media-row.ts';
import { renderMedia } from '../assets/render-media.ts';
import { claimPlace, requireLive, type ClaimedPlace } from '../places/claim-place.ts';
import { cutOver } from '../places/cut-over.ts';
import { emit } from '../events/emit.ts';
import type { NewEvent } from '../events/stored-event.ts';
import type { Tx } from '../lib/context.ts';
import { notFound, SafelightError } from '../lib/errors.ts';
import { transact } from '../lib/transact.ts';
import { collectionNamed } from '../policy/collection.ts';
import { readPolicy } from '../policy/read-policy.ts';
import { arrive } from '../uploads/arrive.ts';
import { arrivingOf, verifyArrival, type Arrival } from '../uploads/complete-upload.ts';
import { findOwnSession } from '../uploads/find-session.ts';
import type { UploadPlan } from '../uploads/plan-upload.ts';
import type { ClaimPlace } from '../uploads/register-received.ts';
import { readSession } from '../uploads/session-rows.ts';
import type { UploadContext } from '../uploads/upload-context.ts';
import { entityOf } from '../lib/reach.ts';

/** An upload for another owner's photo is made for that owner: under their name and their key prefix. */
export type ReplacementPlan = { plan: UploadPlan; ownerId: string; claim: ClaimPlace };

/** Where a replacement belongs and under which rules, decided before its bytes are taken. It needs no room: it takes an existing place. */
export async function planReplacement(ctx: UploadContext, input: { id: string; altText?: string | undefined }): Promise<ReplacementPlan> {
  const row = requireLive(requireOwn(ctx.actor, await selectMedia(ctx.site.db).where('asset.id', '=', input.id).executeTakeFirst(), ctx.site.collections));
  const collection = collectionNamed(ctx.site.collections, row.collection);
  const plan: UploadPlan = {
    collection,
    entity: entityOf(row),
    purpose: row.purpose,
    altText: input.altText ?? null,
    sortOrder: row.sort_order,
    replaces: input.id,
    needsOwnEntity: false,
    rules: await readPolicy(ctx.site.db, row.collection),
  };
  return { plan, ownerId: row.owner_id, claim: async (tx) => await claimPlace(ctx, tx, input.id) };
}

/**
 * Replaces a photo by an upload to the same place, completed or not. A repeat returns the same. Throws `upload_incomplete` when nothing has arrived.
 */
export async function replaceByUpload(
  ctx: UploadContext,
  input: { id: string; uploadId: string; altText?: string | undefined },
): Promise<{ jobId: string; media: Media }> {
  const { plan } = await planReplacement(ctx, input);
  const session = await findOwnSession(ctx, { uploadId: input.uploadId });
  if (session.collection !== plan.collection.name || session.entity_type !== (plan.entity?.type ?? null) || session.entity_id !== (plan.entity?.id ?? null)) {
    throw new SafelightError(
      'invalid_request',
      'This upload was opened for another collection or entity than those of the photo to replace. Open one for the same collection and entity.',
      {
        errors: [{ field: 'uploadId', message: 'opened for another place' }],
      },
    );
  }
  const arrival = session.state === 'open' ? await verifyArrival(ctx, session) : null;
  return await transact(ctx.site.db, async (tx) => {
    const current = await readRow(tx, session.asset_id);
    if (current !== undefined && current.replaces === input.id && current.deleted_at === null) return await answer(ctx, tx, session.id);
    const claimed = await claimPlace(ctx, tx, input.id, session.asset_id);
    const placed = await arriveOrTurn(ctx, tx, claimed, { arrival, assetId: session.asset_id, altText: input.altText });
    const answered = await answer(ctx, tx, session.id);
    await emit(tx, [...claimed.events, ...placed]);
    return answered;
  });
}

type Turn = { arrival: Arrival | null; assetId: string; altText: string | undefined };

/** A new arrival is registered as waiting; an upload that is already a photo of its own leaves its place and waits. */
async function arriveOrTurn(ctx: UploadContext, tx: Tx, claimed: ClaimedPlace, { arrival, assetId, altText }: Turn): Promise<NewEvent[]> {
  const { replaces, ownerId } = claimed;
  const said = altText === undefined ? {} : { altText };
  if (arrival !== null && (await arrive(ctx, tx, arrivingOf(ctx, arrival, said), claimed)) !== null) return [];
  const { numUpdatedRows } = await tx
    .updateTable('asset')
    .set({ replaces, owner_id: ownerId, ...(altText === undefined ? {} : { alt_text: altText }), version: sql`version + 1`, updated_at: ctx.site.clock.now() })
    .where('id', '=', assetId)
    .where('id', '<>', replaces)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  if (Number(numUpdatedRows) === 0)
    throw new SafelightError('conflict', 'The media made from this upload was deleted, or is the photo to replace. Upload the new photo again.');
  return await cutOver(ctx, tx, assetId);
}

async function answer(ctx: UploadContext, tx: Tx, uploadId: string): Promise<{ jobId: string; media: Media }> {
  const session = await readSession(tx, uploadId);
  const row = session === undefined ? undefined : await readRow(tx, session.asset_id);
  if (session === undefined || row === undefined || session.job_id === null) throw notFound('upload');
  return { jobId: session.job_id, media: renderMedia(row, ctx.site.urls, 'own') };
}
