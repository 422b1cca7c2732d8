import type { Media } from '@safelight/contract/media';

import type { Context, DataSite } from '../lib/context.ts';
import { notFound, SafelightError } from '../lib/errors.ts';
import type { Collections } from '../policy/collection.ts';
import { isOwn } from '../delivery/may-read.ts';
import { mayReadRecord, viewOf } from './access.ts';
import { selectMedia } from './media-row.ts';
import { renderMedia, type MediaURLs } from './render-media.ts';

/** The part of the site that this module's use cases need. */
export type AssetSite = DataSite & {
  collections: Collections;
  urls: MediaURLs;
  /** Whether a CDN's copies are to be purged when something is hidden. */
  purgesCdn: boolean;
};
export type AssetContext = Context<AssetSite>;

/** One record: if published in a public collection, for anybody; in any state, for a caller who may act on it. */
export async function readMedia(ctx: AssetContext, input: { id: string }): Promise<Media> {
  const row = await selectMedia(ctx.site.db).where('asset.id', '=', input.id).executeTakeFirst();
  if (row === undefined) throw notFound('media');
  if (row.deleted_at !== null && isOwn(ctx.actor, row)) {
    throw new SafelightError('gone', `This media was deleted. Until ${row.undo_until?.toISOString()} it can be restored with POST /media/${row.id}/restore.`);
  }
  if (mayReadRecord(ctx.actor, row, ctx.site.collections) === 'no') throw notFound('media');
  return renderMedia(row, ctx.site.urls, viewOf(ctx.actor, row));
}
