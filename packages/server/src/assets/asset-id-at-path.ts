import { isUuid } from '../lib/ids.ts';
import { assetPrefix } from '../storage/object-key.ts';
import type { AssetContext } from './read-media.ts';

/** The name of a job's output contains the job's id. */
const generatedName = /\/(?:images|videos)\/([0-9a-f-]{36})_(\d{1,3})\.\w+$/;

/**
 * Finds the asset that an upload's object path names. The object itself may have moved since (to the final store, to another provider), so the path
 * is matched with the asset's place in the key layout; null when there is none.
 */
export async function assetIdAtPath(ctx: AssetContext, path: string): Promise<string | null> {
  const generated = generatedName.exec(path);
  if (generated?.[1] !== undefined) return await generatedAt(ctx, path, { jobId: generated[1], index: Number(generated[2]) });
  const ids = path.split('/').filter(isUuid);
  if (ids.length === 0) return null;
  const rows = await ctx.site.db
    .selectFrom('asset')
    .leftJoin('upload_session', 'upload_session.asset_id', 'asset.id')
    .select(['asset.id', 'asset.owner_id', 'asset.collection', 'upload_session.owner_id as uploader_id'])
    .where('asset.id', 'in', ids)
    .execute();
  // A replacement of another owner's photo is uploaded under the uploader's own path.
  const named = rows.find(({ id, owner_id, uploader_id, collection }) =>
    [owner_id, uploader_id ?? owner_id].some((person) => path.startsWith(assetPrefix(ctx.site.collections.get(collection)?.keyPrefix ?? 'media', person, id))),
  );
  return named?.id ?? null;
}

async function generatedAt(ctx: AssetContext, path: string, { jobId, index }: { jobId: string; index: number }): Promise<string | null> {
  if (!isUuid(jobId)) return null;
  const made = await ctx.site.db
    .selectFrom('generation_output')
    .innerJoin('object', 'object.asset_id', 'generation_output.asset_id')
    .select('generation_output.asset_id as id')
    .where('generation_output.job_id', '=', jobId)
    .where('generation_output.index', '=', index)
    .where('object.key', '=', path)
    .executeTakeFirst();
  return made?.id ?? null;
}
