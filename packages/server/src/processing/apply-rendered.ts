import type { Media } from '@safelight/contract/media';
import { sql, type RawBuilder } from '#kysely';

import { enqueueReviews } from '../assets/enqueue-reviews.ts';
import { enqueueRenewal, followsFocalPoint } from '../assets/enqueue-renewal.ts';
import { mediaEvent } from '../assets/media-event.ts';
import type { AssetSite } from '../assets/read-media.ts';
import { readRow, type MediaRow } from '../assets/media-row.ts';
import type { NewEvent } from '../events/stored-event.ts';
import type { Context, Tx } from '../lib/context.ts';
import { SafelightError } from '../lib/errors.ts';
import { newOpaqueToken } from '../lib/ids.ts';
import type { ReviewStatus } from '../lib/schema.ts';
import { cutOver } from '../places/cut-over.ts';
import type { CollectionConfig } from '../policy/collection.ts';
import { bindingArtifacts, releasingArtifacts, requireBound } from '../storage/ledger.ts';
import { isSamePoint } from './image-rules.ts';
import { kinds } from './kinds.ts';
import type { Made } from './made.ts';

/** `placed`: the events about other media at the place. */
export type Applied = { after: MediaRow; gated: boolean; placed: NewEvent[] };

/**
 * Makes an asset ready with what was rendered from its source, in the caller's transaction and under the lock on the asset: releases artifacts of an
 * earlier run, and the source too if the collection does not keep it; the gate decides whether the asset is shown.
 */
export async function applyRendered(ctx: Context<AssetSite>, tx: Tx, row: MediaRow, rendered: Made | null, collection: CollectionConfig): Promise<Applied> {
  const keepsSource = collection.keepSource && row.source_object_id !== null;
  const artifacts = rendered?.artifacts ?? [];
  // The focal point moved during rendering: the cropped outputs are made again for the new one.
  const isOutdated = rendered !== null && keepsSource && followsFocalPoint(collection) && !isSamePoint(rendered.focalPoint, row.focal_point);
  const fingerprint = isOutdated ? null : kinds[rendered?.columns.kind ?? row.kind].fingerprint(collection);
  const isReviewed = kinds[row.kind].reviewed && row.review !== 'approved' && row.review !== 'rejected';
  const kept = [...(keepsSource && row.source_object_id !== null ? [row.source_object_id] : []), ...artifacts.map(({ id }) => id)];
  // Nothing is made from an opaque file: if no source is kept, the file itself is shown.
  const isShownItself = rendered === null && !keepsSource && row.source_object_id !== null;
  const shown = sql<{ id: string }>`
    update object set role = 'canonical', token = ${newOpaqueToken()}
    where id = ${row.source_object_id} and asset_id = ${row.id} returning id`;
  // One statement: other uploads at this place wait for it, and an inline upload waits for each round trip. The new artifacts take the roles of the
  // released ones.
  const { gate, bound } = await tx
    .with('released', () => (rendered === null ? nothing : inBrackets(releasingArtifacts(row.id, kept))))
    .with('bound', () => (rendered === null ? nothing : inBrackets(bindingArtifacts(row.id, artifacts, areReleased))))
    .with('shown', () => (isShownItself ? inBrackets(shown) : nothing))
    .updateTable('asset')
    .set((eb) => ({
      status: 'ready',
      failure: null,
      stages: null,
      ...(isReviewed ? { review: sql<ReviewStatus>`case when ${gateOf(row.collection)} then 'queued' else review end` } : {}),
      ...(rendered === null ? {} : { ...rendered.columns, render_fingerprint: fingerprint }),
      ...(rendered !== null && !keepsSource ? { source_object_id: null } : {}),
      version: eb('version', '+', 1),
      updated_at: ctx.site.clock.now(),
    }))
    .where('id', '=', row.id)
    .returning([gateOf(row.collection).as('gate'), sql<number>`(select count(*)::integer from bound)`.as('bound')])
    .executeTakeFirstOrThrow();
  if (rendered !== null) requireBound(row.id, artifacts, bound);
  if (gate === null) throw new SafelightError('not_found', `There is no policy for a collection "${row.collection}".`);
  const gated = isReviewed && gate;
  if (isOutdated) await enqueueRenewal(tx, row);
  // A deleted asset is not shown to reviewers; restoring it queues the review.
  if (gated && row.deleted_at === null) await enqueueReviews(tx, [row]);
  const mayMoveOthers = row.replaces !== null || collection.singlePurposes.includes(row.purpose);
  const placed = mayMoveOthers ? await cutOver(ctx, tx, row.id) : [];
  const after = await readRow(tx, row.id);
  if (after === undefined) throw new Error('an asset that this transaction holds is gone');
  return { after, gated, placed };
}

const areReleased = sql<boolean>`(select count(*) from released) >= 0`;
const nothing = sql<{ id: string }>`(select null::uuid as id where false)`;
const inBrackets = (statement: RawBuilder<{ id: string }>) => sql<{ id: string }>`(${statement})`;

/** Whether photos of the collection wait for a review; its rules do not change while the place is locked. */
const gateOf = (collection: string) =>
  sql<boolean | null>`(
  select coalesce((rules ->> 'photoReviewEnabled')::boolean, false) from policy where collection = ${collection})`;

export function readyEvents(
  after: MediaRow,
  facts: { gated: boolean; placed: readonly NewEvent[]; wasPublished: boolean; result: { url: string | null; path: string | null; media: Media } },
  jobId?: string,
): NewEvent[] {
  return [
    mediaEvent(after, 'processing_complete', { result: facts.result }, jobId),
    ...(facts.gated ? [mediaEvent(after, 'review_queued', {}, jobId)] : []),
    ...facts.placed,
    ...(after.published && !facts.wasPublished ? [mediaEvent(after, 'media_published', { media: facts.result.media }, jobId)] : []),
  ];
}
