import type { AssetSite } from '../assets/read-media.ts';
import type { StoreSite } from '../storage/stores.ts';
import { jobsOf } from '../jobs/define-job.ts';
import { purgeMedia } from './purge-media.ts';

export const purgeJob = jobsOf<AssetSite & StoreSite>()('purge', { run: async (ctx, about) => await purgeMedia(ctx, about) });
