import type { AssetContext } from '../assets/read-media.ts';
import { jobsOf } from '../jobs/define-job.ts';
import type { Stores } from '../storage/stores.ts';
import { purgeMedia } from './purge-media.ts';

export const purgeJob = jobsOf<AssetContext & { stores: Stores }>()('purge', { run: async (ctx, about) => await purgeMedia(ctx, about) });
