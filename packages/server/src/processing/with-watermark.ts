import { SafelightError } from '../lib/errors.ts';
import type { Watermark } from '../policy/collection.ts';
import { locatorOf } from '../storage/ledger.ts';
import { withLocalFile } from '../storage/with-local-file.ts';
import type { WatermarkRule } from './image-rules.ts';
import type { ProcessingContext } from './processing-context.ts';

/** Runs `use` with the watermark for a picture. Fails if the watermark's picture is missing: everybody would see the unmarked output. */
export async function withWatermark<Result>(
  ctx: ProcessingContext,
  watermark: Watermark | undefined,
  use: (rule: { watermark?: WatermarkRule }) => Promise<Result>,
): Promise<Result> {
  if (watermark === undefined) return await use({});
  const { text, imageAssetId, opacity, tile } = watermark;
  if (text !== undefined) return await use({ watermark: { mark: { text }, opacity, tile } });
  const object = await ctx.site.db
    .selectFrom('object')
    .innerJoin('asset', 'asset.id', 'object.asset_id')
    .select(['object.provider', 'object.location', 'object.key'])
    .where('asset.id', '=', imageAssetId ?? '')
    .where('asset.deleted_at', 'is', null)
    .where('object.state', '=', 'stored')
    .where('object.role', 'in', ['source', 'canonical'])
    .orderBy('object.role', 'desc')
    .executeTakeFirst();
  if (object === undefined)
    throw new SafelightError(
      'storage_unavailable',
      `The watermark of the collection is not there: media ${imageAssetId ?? ''}. Restore it, or name another picture.`,
    );
  return await withLocalFile(ctx.site.stores, locatorOf(object), ctx.signal, async (path) => await use({ watermark: { mark: { path }, opacity, tile } }));
}
