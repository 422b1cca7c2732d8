import { isUuid } from '../lib/ids.ts';
import { assetPrefix } from '../storage/object-key.ts';
import type { AssetContext } from './read-media.ts';

/**
 * The asset that an upload's object path names. The object itself may have moved since (to the final store, to another provider), so
 * it is the place of the asset in the layout of keys that is looked at; null when there is none.
 */
export async function assetIdAtPath(ctx: AssetContext, path: string): Promise<string | null> {
  const ids = path.split('/').filter(isUuid);
  if (ids.length === 0) return null;
  const rows = await ctx.db.selectFrom('asset').select(['id', 'owner_id', 'collection']).where('id', 'in', ids).execute();
  const named = rows.find(({ id, owner_id, collection }) => path.startsWith(assetPrefix(ctx.collections.get(collection)?.keyPrefix ?? 'media', owner_id, id)));
  return named?.id ?? null;
}
