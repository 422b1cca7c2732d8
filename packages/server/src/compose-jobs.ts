import type { JobError } from '@safelight/contract/jobs';
import { purgeMedia } from './collections/purge-media.ts';
import type { Config } from './config.ts';
import { purgeCdn } from './delivery/purge-cdn.ts';
import type { JobContext, JobHandlers, JobResult, JobSubject } from './jobs/running-job.ts';
import type { Tx } from './lib/context.ts';
import { afterCommit } from './lib/transact.ts';
import { lockPlaceOf } from './places/lock-place.ts';
import { failProcessing } from './processing/fail-processing.ts';
import { processAsset } from './processing/process-asset.ts';
import { renewals, renewAsset } from './processing/renew-asset.ts';
import type { ProcessingContext } from './processing/processing-context.ts';
import { takeChecksums } from './reconcile/take-checksums.ts';
import { mirrorAsset } from './reconcile/mirror-asset.ts';
import { endReview as endReviewOf } from './review/fail-review.ts';
import { announceGateChange } from './review/announce-gate-change.ts';
import { reviewAsset, type ReviewContext } from './review/review-asset.ts';
import { removeObjects } from './storage/remove-objects.ts';
import { failUpload } from './uploads/fail-upload.ts';
import { finalizeUpload } from './uploads/finalize-upload.ts';
import { importFile } from './uploads/import-file.ts';
import { scanSource } from './uploads/scan-object.ts';
import type { ImportContext } from './uploads/open-import.ts';

/** What each type of job does. Several rooms meet here that must not know one another. */
export function jobHandlers(base: ImportContext & ProcessingContext & ReviewContext, { cdnPurge }: Pick<Config, 'cdnPurge'>): JobHandlers {
  const process = async (ctx: JobContext): Promise<void> => {
    const about = { assetId: idOf(ctx.job.data['assetId']) };
    await scanSource({ ...base, ...ctx }, about);
    await processAsset({ ...base, ...ctx }, about);
  };
  /** What is ready already is renewed; a job of one that failed leaves it as it is. */
  const processOrRenew = async (ctx: JobContext): Promise<JobResult | void> => {
    const renewal = renewals.find((name) => name === ctx.job.data['renew']);
    if (renewal === undefined) return await process(ctx);
    return (await renewAsset({ ...base, ...ctx }, { assetId: idOf(ctx.job.data['assetId']), renewal })) ?? undefined;
  };
  const failProcess = async (tx: Tx, job: JobSubject, error: JobError): Promise<void> =>
    await failProcessing(tx, { assetId: idOf(job.data['assetId']), jobId: job.id, attempts: await attemptsOf(tx, job.id), error });
  const endUpload = async (tx: Tx, job: JobSubject, error: JobError): Promise<void> => {
    const { refused } = await failUpload(tx, { uploadId: idOf(job.data['uploadId']), jobId: job.id, attempts: await attemptsOf(tx, job.id), error });
    const sweeperWill = (cause: unknown): void => base.log.warn({ err: cause }, 'what was refused could not be removed at once; the sweeper will');
    if (refused.length > 0) afterCommit(tx, () => void removeObjects(base, refused).catch(sweeperWill));
    await failProcess(tx, job, error);
  };
  const endReview = async (tx: Tx, job: JobSubject, error: JobError): Promise<void> =>
    await endReviewOf(base, tx, { assetId: idOf(job.data['assetId']), jobId: job.id, attempts: await attemptsOf(tx, job.id), error });
  const finalize = async (ctx: JobContext): Promise<void> => {
    await finalizeUpload({ ...base, ...ctx }, { uploadId: idOf(ctx.job.data['uploadId']), isNamed: ctx.job.data['named'] === true });
    await process(ctx);
  };
  const hold = async (tx: Tx, job: JobSubject): Promise<void> => {
    if (job.assetId !== undefined) await lockPlaceOf(tx, job.assetId);
  };
  return {
    finalize: { run: finalize, hold, onFailed: endUpload, onCancelled: async (tx, job) => await endUpload(tx, job, cancelled) },
    import: {
      run: async (ctx) => {
        await importFile(
          { ...base, ...ctx },
          {
            uploadId: idOf(ctx.job.data['uploadId']),
            url: idOf(ctx.job.data['url']),
            named: ctx.job.data['named'] === true,
            hasQuota: ctx.job.data['hasQuota'] === true,
          },
        );
        await finalize(ctx);
      },
      hold,
      onFailed: endUpload,
      onCancelled: async (tx, job) => await endUpload(tx, job, cancelled),
    },
    process: { run: processOrRenew, hold, onFailed: failProcess, onCancelled: async (tx, job) => await failProcess(tx, job, cancelled) },
    review: {
      run: async (ctx) => await reviewAsset({ ...base, ...ctx }, { assetId: idOf(ctx.job.data['assetId']), unanswered: ctx.job.data['unanswered'] === true }),
      hold,
      onFailed: endReview,
      onCancelled: async (tx, job) => await endReview(tx, job, { code: 'conflict', message: 'The review was cancelled.', retryable: true }),
    },
    mirror: {
      run: async (ctx) =>
        await mirrorAsset({ ...base, ...ctx }, { assetId: idOf(ctx.job.data['assetId']), onProgress: (fraction) => ctx.job.progress(fraction, 'storing') }),
    },
    reconcile: {
      run: async (ctx) => {
        const { checksumsOf } = ctx.job.data;
        if (typeof checksumsOf === 'string') return await takeChecksums({ ...base, ...ctx }, { grantId: checksumsOf });
        return await announceGateChange({ ...base, ...ctx }, { collection: idOf(ctx.job.data['gateOf']) });
      },
    },
    purge: {
      run: async (ctx) => {
        const { urls } = ctx.job.data;
        if (!Array.isArray(urls)) return await purgeMedia({ ...base, ...ctx }, { assetId: idOf(ctx.job.data['assetId']) });
        if (cdnPurge !== null) await purgeCdn(cdnPurge, urls.map(String), ctx.signal);
      },
    },
  };
}

const cancelled = { code: 'conflict', message: 'Its processing was cancelled. Retry it, or delete it.', retryable: true } as const;

const idOf = (value: unknown): string => {
  if (typeof value !== 'string') throw new Error('a job came without the id that it is about');
  return value;
};

async function attemptsOf(tx: Tx, jobId: string): Promise<number> {
  return (await tx.selectFrom('job').select('attempts').where('id', '=', jobId).executeTakeFirst())?.attempts ?? 1;
}
