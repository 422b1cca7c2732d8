import type { StoreSite } from '../storage/stores.ts';
import { jobsOf } from '../jobs/define-job.ts';
import { purgeCdn, type CdnPurge } from './purge-cdn.ts';
import { stampDocuments } from './stamps/stamp-documents.ts';

/** Without a CDN there is nothing to purge. */
export const cdnPurgeJob = jobsOf<{ cdnPurge: CdnPurge | null }>()('purge.cdn', {
  async run({ site: { cdnPurge }, signal }, { urls }) {
    if (cdnPurge !== null) await purgeCdn(cdnPurge, urls, signal);
  },
});

export const stampJob = jobsOf<StoreSite>()('stamp', { run: async (ctx, about) => await stampDocuments(ctx, about) });
