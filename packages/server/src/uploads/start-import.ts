import type { importSchema } from '@safelight/contract/uploads';
import type { z } from 'zod';

import type { UploadSite } from './upload-context.ts';
import type { Context, Tx } from '../lib/context.ts';
import { emit } from '../events/emit.ts';
import { enqueue } from '../jobs/enqueue.ts';
import { queueOnce } from '../jobs/queue-once.ts';
import { secondsFrom } from '../lib/clock.ts';
import { SafelightError } from '../lib/errors.ts';
import { newAssetId, newObjectId, newUploadId } from '../lib/ids.ts';
import type { CollectionConfig } from '../policy/collection.ts';
import { hasQuota, reserveQuota } from '../policy/require-quota.ts';
import { uploadKey } from '../storage/object-key.ts';
import { arrivalLeaseSeconds } from '../storage/ledger.ts';
import { cleanFileName } from './clean-file-name.ts';
import { checkImportUrl, type FetchGuard } from '../egress/guarded-fetch.ts';
import { planUpload } from './plan-upload.ts';
import { insertSession } from './session-rows.ts';

export type ImportSite = UploadSite & { importAllowPrivate: readonly string[] };
export type ImportContext = Context<ImportSite>;

/** Where a collection may import from; private addresses only if the operator allows them. */
export const guardOf = (ctx: { site: Pick<ImportSite, 'importAllowPrivate'> }, collection: CollectionConfig): FetchGuard => ({
  allowPrivate: ctx.site.importAllowPrivate,
  ...collection.import,
});

type OpenedImport = { jobId: string; uploadId: string };

/** Queues the import of a file from an address. What can be refused without a request is refused at once. `keep` runs in the transaction. */
export async function startImport(
  ctx: ImportContext,
  input: z.output<typeof importSchema>,
  keep?: (tx: Tx, opened: OpenedImport) => Promise<void>,
): Promise<OpenedImport> {
  if (!URL.canParse(input.url))
    throw new SafelightError('invalid_request', 'The url is not an address. Send a whole one, like https://example.com/photo.jpg.', {
      errors: [{ field: 'url', message: 'a URL' }],
    });
  const url = new URL(input.url);
  const plan = await planUpload(ctx, input);
  checkImportUrl(url, guardOf(ctx, plan.collection));
  const store = ctx.site.stores.active('staging');
  const assetId = newAssetId();
  const fileName = cleanFileName(input.filename ?? decodeURIComponentSafely(url.pathname).replace(/\/+$/, ''));
  const until = secondsFrom(ctx.site.clock.now(), arrivalLeaseSeconds);
  const uploadId = newUploadId();
  const jobId = await queueOnce(ctx.site.db, async (tx, id) => {
    await reserveQuota(tx, ctx.actor, ctx.site.ceilings, { bytes: 0 });
    await insertSession(tx, {
      id: uploadId,
      assetId,
      objectId: newObjectId(),
      protocol: 'import',
      ownerId: ctx.actor.id,
      plan,
      fileName,
      contentType: null,
      declaredBytes: null,
      declaredSha256: null,
      locator: { provider: store.provider, location: store.location, key: uploadKey(plan.collection.keyPrefix, ctx.actor.id, assetId, fileName) },
      expiresAt: until,
      leaseUntil: until,
    });
    await enqueue(tx, {
      id,
      type: 'import',
      ownerId: ctx.actor.id,
      // There is no asset before there are bytes, but the session already has its future id.
      uploadId,
      collection: plan.collection.name,
      entity: plan.entity ?? undefined,
      data: { uploadId, assetId, url: url.href, named: input.filename !== undefined, hasQuota: hasQuota(ctx.actor, ctx.site.ceilings) },
    });
    await tx.updateTable('upload_session').set({ job_id: id }).where('id', '=', uploadId).execute();
    await keep?.(tx, { jobId: id, uploadId });
    await emit(tx, [
      { name: 'upload_started', ownerId: ctx.actor.id, collection: plan.collection.name, entity: plan.entity, mediaId: assetId, jobId: id, payload: {} },
    ]);
  });
  return { jobId, uploadId };
}

function decodeURIComponentSafely(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
