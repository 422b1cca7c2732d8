import type { StoreSite } from '../storage/stores.ts';
import { jobsOf } from '../jobs/define-job.ts';
import { mirrorAsset } from './mirror-asset.ts';
import { takeChecksums } from './take-checksums.ts';

const define = jobsOf<StoreSite>();

export const mirrorJob = define('mirror', {
  run: async (ctx, { assetId }) => await mirrorAsset(ctx, { assetId, onProgress: (fraction) => ctx.job.progress(fraction, 'storing') }),
});

export const checksumsJob = define('take.checksums', { run: async (ctx, about) => await takeChecksums(ctx, about) });
