import type { Scope } from '@safelight/contract/scopes';

import { emit } from '../events/emit.ts';
import type { JobContext } from '../jobs/running-job.ts';
import { SafelightError } from '../lib/errors.ts';
import { transact } from '../lib/transact.ts';
import { collectionNamed } from '../policy/collection.ts';
import { readPolicy } from '../policy/read-policy.ts';
import { locatorOf } from '../storage/ledger.ts';
import type { Locator } from '../storage/locator.ts';
import { arrive } from './arrive.ts';
import { claimPlaceOf } from './claim-place-of.ts';
import { cleanFileName } from './clean-file-name.ts';
import { guardedFetch, type Fetched, type FetchOptions } from '../egress/guarded-fetch.ts';
import { guardOf, type ImportContext } from './start-import.ts';
import { resumingBody } from '../egress/resuming-body.ts';
import { nameInDisposition } from './name-in-disposition.ts';
import { isContentType } from './plan-upload.ts';
import { readSession, readSessionObject } from './session-rows.ts';

/**
 * Downloads the file of an import to the staging store and registers it as if it had been uploaded; finalization follows in the same job. Progress
 * counts received bytes. A failed attempt starts anew; one that had registered the file continues after that.
 */
export async function importFile(ctx: ImportContext & JobContext, input: { uploadId: string; url: string; named: boolean; hasQuota: boolean }): Promise<void> {
  const session = await readSession(ctx.site.db, input.uploadId);
  if (session === undefined || session.state !== 'open' || session.object_id === null) return;
  const object = await readSessionObject(ctx.site.db, session.object_id);
  if (object === undefined) throw new SafelightError('upload_expired', 'This import has been given up.', { retryable: false });
  const { maxBytes } = await readPolicy(ctx.site.db, session.collection);
  const limit = Math.min(maxBytes, ctx.site.ceilings.requestBytes);
  const collection = collectionNamed(ctx.site.collections, session.collection);
  const { importSeconds } = ctx.site.ceilings;
  const deadline = AbortSignal.timeout(importSeconds * 1000);
  const options = { guard: guardOf(ctx, collection), signal: AbortSignal.any([ctx.signal, deadline]) };
  const locator = locatorOf(object);
  const { fetched, contentType, stored } = await bring(ctx, new URL(input.url), locator, limit, options).catch((cause: unknown) => {
    if (!deadline.aborted || ctx.signal.aborted) throw cause;
    throw new SafelightError('import_failed', `The file did not come within ${importSeconds} seconds.`, { cause, retryable: false });
  });
  const fileName = input.named ? session.file_name : fileNameOf(fetched, session.file_name);
  await transact(ctx.site.db, async (tx) => {
    await tx.updateTable('upload_session').set({ file_name: fileName, content_type: contentType }).where('id', '=', session.id).execute();
    const claimed = await claimPlaceOf(ctx, tx, session);
    const arriving = {
      session: { ...session, file_name: fileName },
      sessionState: 'finalizing' as const,
      kind: collection.kinds[0] ?? 'file',
      mimeType: contentType ?? 'application/octet-stream',
      source: { objectId: object.id, key: locator.key, bytes: stored.bytes, sha256: stored.sha256, crc32: stored.crc32 },
      // Finalization follows in this job, which runs as the system; the file is its owner's.
      next: null,
      charged: input.hasQuota ? { by: { id: session.owner_id, scopes: new Set<Scope>() } } : null,
    };
    await arrive(ctx, tx, arriving, claimed);
    await tx.updateTable('job').set({ asset_id: session.asset_id }).where('id', '=', ctx.job.id).execute();
    await emit(tx, claimed?.events ?? []);
  });
}

/** Downloads the file into the staging store and checks it against what its server declares. */
async function bring(ctx: ImportContext & JobContext, url: URL, locator: Locator, limit: number, options: FetchOptions) {
  const fetched = await guardedFetch(url, options);
  try {
    if (fetched.status !== 200)
      throw new SafelightError('import_failed', `${fetched.url.hostname} answered ${fetched.status} instead of the file.`, {
        retryable: fetched.status >= 500 || fetched.status === 429,
      });
    const length = Number(fetched.headers['content-length'] ?? Number.NaN);
    const known = Number.isFinite(length) && fetched.headers['content-encoding'] === undefined ? length : null;
    if (known !== null && known > limit) throw new SafelightError('file_too_large', `The file has ${known} bytes; at most ${limit} are allowed.`);
    const store = ctx.site.stores.of(locator);
    // Removes what an earlier attempt left; the key belongs to this upload alone.
    await store.delete([locator.key], { signal: options.signal });
    const contentType = typeOf(fetched);
    const stored = await store.put(locator.key, resumingBody(fetched, options), {
      contentType: contentType ?? 'application/octet-stream',
      maxBytes: limit,
      signal: options.signal,
      onProgress: (bytes) => ctx.job.progress(known === null ? null : (bytes / known) * 0.5, 'receiving'),
    });
    if (stored.bytes === 0) throw new SafelightError('empty_file', 'The address answered an empty file.');
    return { fetched, contentType, stored };
  } finally {
    fetched.body.destroy();
  }
}

/** The type that the server declares; an invalid one counts as none. */
function typeOf({ headers }: Fetched): string | null {
  const type = headers['content-type']?.split(';', 1)[0]?.trim() ?? '';
  return isContentType(type) ? type : null;
}

/** The file name from the server, or the fallback. */
function fileNameOf(fetched: Fetched, fallback: string): string {
  const name = nameInDisposition(fetched.headers['content-disposition'] ?? '');
  return name === undefined || name === '' ? fallback : cleanFileName(name);
}
