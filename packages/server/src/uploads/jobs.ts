import type { JobError } from '@safelight/contract/jobs';

import { jobsOf } from '../jobs/define-job.ts';
import type { JobSubject } from '../jobs/running-job.ts';
import type { Tx } from '../lib/context.ts';
import { afterCommit } from '../lib/transact.ts';
import { holdPlace } from '../places/lock-place.ts';
import { discardObjects } from '../storage/discard-objects.ts';
import { failUpload } from './fail-upload.ts';
import { finalizeUpload } from './finalize-upload.ts';
import { importFile } from './import-file.ts';
import type { ImportContext, ImportSite } from './start-import.ts';
import { scanSource } from './scan-object.ts';

const define = jobsOf<ImportSite>();

/** Imports a file from an address and then finalizes it in the same job. */
export const importJob = define('import', {
  run: async (ctx, { uploadId, url, named = false, hasQuota }) => await importFile(ctx, { uploadId, url, named, hasQuota }),
});

export const finalizeJob = define('finalize', {
  run: async (ctx, { uploadId, named = false }) => await finalizeUpload(ctx, { uploadId, isNamed: named }),
  hold: holdPlace,
  onFailed: async (tx, job, { error, attempts }, ctx) => await endUpload(ctx, tx, job, error, attempts),
  onCancelled: async (tx, job, { attempts }, ctx) => await endUpload(ctx, tx, job, cancelled, attempts),
});

/** Scans a source before it is processed. */
export const scanJob = define('process', { run: async (ctx, about) => await scanSource(ctx, about) });

const cancelled: JobError = { code: 'cancelled', message: 'Its processing was cancelled. Retry it, or delete it.', retryable: true };

async function endUpload(ctx: ImportContext, tx: Tx, job: JobSubject, error: JobError, attempts: number): Promise<void> {
  if (job.uploadId === undefined) return;
  const { refused } = await failUpload(tx, { uploadId: job.uploadId, jobId: job.id, attempts, error });
  afterCommit(tx, () => void discardObjects(ctx, refused));
}
