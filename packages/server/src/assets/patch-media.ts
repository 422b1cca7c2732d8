import type { Media, mediaPatchSchema } from '@safelight/contract/media';
import { sql, type RawBuilder } from 'kysely';
import type { z } from 'zod';

import type { Tx } from '../lib/context.ts';
import { SafelightError, notFound } from '../lib/errors.ts';
import { transact } from '../lib/transact.ts';
import { collectionNamed, type CollectionConfig } from '../policy/collection.ts';
import { requireOwn, requireVersion } from './access.ts';
import { enqueueRenewal, followsFocalPoint } from './enqueue-renewal.ts';
import { lockMedia, readRow } from './lock-media.ts';
import type { MediaRow } from './media-row.ts';
import type { AssetContext } from './read-media.ts';
import { renderMedia } from './render-media.ts';

export type PatchMedia = { id: string; ifMatch?: string | undefined; patch: z.output<typeof mediaPatchSchema> };

/**
 * Changes what a person says about an asset; the source's bytes stay. A second `profile` moves the first back to the default purpose.
 * Another focal point has the outputs that are cropped around it made anew; until they are ready the old ones are shown.
 */
export async function patchMedia(ctx: AssetContext, { id, ifMatch, patch }: PatchMedia): Promise<Media> {
  return await transact(ctx.db, async (tx) => {
    const row = requireOwn(ctx.actor, await lockMedia(tx, id), ctx.collections);
    if (row.deleted_at !== null) throw new SafelightError('gone', 'It was deleted. Restore it first.');
    requireVersion(row, ifMatch);
    const collection = collectionNamed(ctx.collections, row.collection);
    if (patch.purpose !== undefined && row.replaces !== null) {
      throw new SafelightError('conflict', 'It waits to replace another photo, whose purpose it will take. Change the purpose of that one.');
    }
    if (patch.purpose !== undefined) await claimPurpose(tx, row, patch.purpose, collection);
    const { focalPoint = row.focal_point } = patch;
    const isMoved = focalPoint?.x !== row.focal_point?.x || focalPoint?.y !== row.focal_point?.y;
    const mustCropAnew = isMoved && row.kind === 'image' && followsFocalPoint(collection);
    if (mustCropAnew && row.status === 'ready' && row.source_object_id !== null) await enqueueRenewal(tx, row);
    await tx
      .updateTable('asset')
      .set({
        ...(patch.altText === undefined ? {} : { alt_text: patch.altText }),
        ...(patch.purpose === undefined ? {} : { purpose: patch.purpose }),
        ...(patch.sortOrder === undefined ? {} : { sort_order: patch.sortOrder }),
        ...(patch.focalPoint === undefined ? {} : { focal_point: patch.focalPoint === null ? null : JSON.stringify(patch.focalPoint) }),
        ...(mustCropAnew ? { render_fingerprint: null } : {}),
        version: sql`version + 1`,
        updated_at: ctx.clock.now(),
      })
      .where('id', '=', id)
      .execute();
    const after = await readRow(tx, id);
    if (after === undefined) throw notFound('media');
    return renderMedia(after, ctx.urls, true);
  });
}

/** Checks that the collection has this purpose; where only one asset may have it, the one before gives it up in the same transaction. Wants the lock on the place. */
async function claimPurpose(tx: Tx, row: Pick<MediaRow, 'id' | 'entity_type' | 'entity_id'>, purpose: string, collection: CollectionConfig): Promise<void> {
  if (!collection.purposes.includes(purpose)) {
    throw new SafelightError('invalid_request', `${collection.name} has no purpose "${purpose}"; it has ${collection.purposes.join(', ')}.`, {
      errors: [{ field: 'purpose', message: `one of ${collection.purposes.join(', ')}` }],
    });
  }
  await takeSinglePurpose(tx, row, purpose, collection, sql<boolean>`true`);
}

/**
 * The same for what was uploaded with its purpose, once it is ready: until then, and when it never gets there, the one before stays. Of
 * several on their way the one that was uploaded last keeps the purpose, in whichever order they become ready.
 */
export async function claimPurposeWhenReady(
  tx: Tx,
  row: Pick<MediaRow, 'id' | 'entity_type' | 'entity_id' | 'purpose'>,
  collection: CollectionConfig,
): Promise<void> {
  await takeSinglePurpose(tx, row, row.purpose, collection, sql<boolean>`(status = 'ready' or id < ${row.id})`);
}

async function takeSinglePurpose(
  tx: Tx,
  row: Pick<MediaRow, 'id' | 'entity_type' | 'entity_id'>,
  purpose: string,
  collection: CollectionConfig,
  from: RawBuilder<boolean>,
): Promise<void> {
  const [defaultPurpose] = collection.purposes;
  if (!collection.singlePurposes.includes(purpose) || row.entity_type === null || defaultPurpose === undefined) return;
  await tx
    .updateTable('asset')
    .set({ purpose: defaultPurpose, version: sql`version + 1`, updated_at: sql`now()` })
    .where('collection', '=', collection.name)
    .where('entity_type', '=', row.entity_type)
    .where('entity_id', '=', row.entity_id)
    .where('purpose', '=', purpose)
    .where('replaces', 'is', null)
    .where('id', '<>', row.id)
    .where(from)
    .execute();
}
