import { SafelightError } from '../lib/errors.ts';
import { locatorOf } from '../storage/ledger.ts';
import type { UploadContext, UploadSite } from './upload-context.ts';

export type ScannedObject = { id: string; provider: string; location: string; key: string };
type ScanContext = Pick<UploadContext, 'signal'> & { site: Pick<UploadSite, 'db' | 'stores' | 'clock' | 'scan'> };

/**
 * Where a malware scan is required: has the whole object scanned, and records that in the ledger. Throws `malware_found` with the name of the
 * malware; the caller, who knows the purpose of the object, decides what to do with it.
 *
 * Always scans the object that stays: a signed URL may write to a staging object again between the scan and the copy.
 */
export async function scanObject(ctx: ScanContext, object: ScannedObject): Promise<void> {
  if (ctx.site.scan === null) return;
  const stored = await ctx.site.stores.of(locatorOf(object)).get(object.key, { signal: ctx.signal });
  if (stored === null) throw new SafelightError('upload_incomplete', 'The uploaded object is not in storage any more.', { retryable: false });
  const { found } = await ctx.site.scan(stored.body, { signal: ctx.signal });
  if (found !== null) throw new SafelightError('malware_found', `The malware scan found ${found} in the file. It was removed.`, { context: { found } });
  await ctx.site.db.updateTable('object').set({ scanned_at: ctx.site.clock.now() }).where('id', '=', object.id).execute();
}

/** Scans a source before it is processed, unless that was done. Unscanned sources come from an older application, or from a time without scanning. */
export async function scanSource(ctx: ScanContext, { assetId }: { assetId: string }): Promise<void> {
  if (ctx.site.scan === null) return;
  const source = await ctx.site.db
    .selectFrom('asset')
    .innerJoin('object', 'object.id', 'asset.source_object_id')
    .select(['object.id', 'object.provider', 'object.location', 'object.key', 'object.scanned_at'])
    .where('asset.id', '=', assetId)
    .where('asset.status', 'in', ['pending', 'processing'])
    .where('object.state', '=', 'stored')
    .executeTakeFirst();
  if (source !== undefined && source.scanned_at === null) await scanObject(ctx, source);
}
