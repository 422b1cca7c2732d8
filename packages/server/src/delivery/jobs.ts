import { jobsOf } from '../jobs/define-job.ts';
import { purgeCdn, type CdnPurge } from './purge-cdn.ts';

/** Where there is no CDN any more, there is nothing that could show it. */
export const cdnPurgeJob = jobsOf<{ cdnPurge: CdnPurge | null }>()('purge.cdn', {
  async run({ cdnPurge, signal }, { urls }) {
    if (cdnPurge !== null) await purgeCdn(cdnPurge, urls, signal);
  },
});
