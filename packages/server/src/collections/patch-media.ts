import type { Media, mediaPatchSchema } from '@safelight/contract/media';
import { sql } from '#kysely';
import type { z } from 'zod';

import { kindRules } from '../assets/kind-rules.ts';
import { SafelightError, notFound } from '../lib/errors.ts';
import { transact } from '../lib/transact.ts';
import { collectionNamed } from '../policy/collection.ts';
import { requireOwn, requireVersion } from '../assets/access.ts';
import { enqueueRenewal, followsFocalPoint } from '../assets/enqueue-renewal.ts';
import { claimPurpose } from '../places/claim-purpose.ts';
import { lockMedia } from '../places/lock-media.ts';
import { readRow } from '../assets/media-row.ts';
import type { AssetContext } from '../assets/read-media.ts';
import { renderMedia } from '../assets/render-media.ts';

export type PatchMedia = { id: string; ifMatch?: string | undefined; patch: z.output<typeof mediaPatchSchema> };

/**
 * Changes what people say about an asset; the source's bytes stay. A second `profile` moves the first back to the default purpose. A new focal point
 * has the outputs that are cropped around it remade; the old ones are shown until then.
 */
export async function patchMedia(ctx: AssetContext, { id, ifMatch, patch }: PatchMedia): Promise<Media> {
  return await transact(ctx.site.db, async (tx) => {
    const row = requireOwn(ctx.actor, await lockMedia(tx, id), ctx.site.collections);
    if (row.deleted_at !== null) throw new SafelightError('gone', 'This media was deleted. Restore it first.');
    requireVersion(row, ifMatch);
    const collection = collectionNamed(ctx.site.collections, row.collection);
    if (patch.purpose !== undefined && row.replaces !== null) {
      throw new SafelightError('conflict', 'This photo waits to replace another one and will take its purpose. Change the purpose of that one instead.');
    }
    if (patch.purpose !== undefined) await claimPurpose(tx, row, patch.purpose, collection);
    const { focalPoint = row.focal_point } = patch;
    const isMoved = focalPoint?.x !== row.focal_point?.x || focalPoint?.y !== row.focal_point?.y;
    const mustCropAnew = isMoved && kindRules[row.kind].cropped && followsFocalPoint(collection);
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
        updated_at: ctx.site.clock.now(),
      })
      .where('id', '=', id)
      .execute();
    const after = await readRow(tx, id);
    if (after === undefined) throw notFound('media');
    return renderMedia(after, ctx.site.urls, 'own');
  });
}
