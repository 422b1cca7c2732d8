import { SafelightError } from '../lib/errors.ts';
import { storeName } from '../storage/locator.ts';
import { moveObject, type MoveContext } from './move-object.ts';

/** By then, readers that found the object on staging a moment before are done. */
const graceSeconds = 300;

/**
 * Moves every object of an asset to the final store, verified; objects that are already there stay. A repeat is safe and does only what is left. The
 * bytes on the other store are removed after the grace period.
 */
export async function mirrorAsset(
  ctx: MoveContext,
  input: { assetId: string; onProgress?: (fraction: number) => void; graceSeconds?: number },
): Promise<{ moved: number }> {
  const to = ctx.site.stores.active('final');
  const rows = await ctx.site.db
    .selectFrom('object')
    .select(['id', 'provider', 'location', 'key', 'role', 'bytes', 'sha256', 'mime_type'])
    .where('asset_id', '=', input.assetId)
    .where('state', '=', 'stored')
    .execute();
  const elsewhere = rows.filter((row) => `${row.provider}:${row.location}` !== storeName(to));
  const all = elsewhere.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0);
  let before = 0;
  let moved = 0;
  for (const row of elsewhere) {
    const { outcome } = await moveObject(ctx, row, {
      to,
      graceSeconds: input.graceSeconds ?? graceSeconds,
      onProgress: (bytes) => all > 0 && input.onProgress?.(Math.min(1, (before + bytes) / all)),
    });
    if (outcome === 'busy') throw new SafelightError('storage_unavailable', 'Another process is working on this object at the moment; it is tried again.');
    if (outcome === 'moved') moved += 1;
    before += row.bytes ?? 0;
  }
  return { moved };
}
