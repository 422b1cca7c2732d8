import { jobsOf } from '../jobs/define-job.ts';
import type { Context } from '../lib/context.ts';
import type { Stores } from '../storage/stores.ts';
import { purgeCdn, type CdnPurge } from './purge-cdn.ts';
import { stampDocuments } from './stamps/stamp-documents.ts';

/** Where there is no CDN any more, there is nothing that could show it. */
export const cdnPurgeJob = jobsOf<{ cdnPurge: CdnPurge | null }>()('purge.cdn', {
  async run({ cdnPurge, signal }, { urls }) {
    if (cdnPurge !== null) await purgeCdn(cdnPurge, urls, signal);
  },
});

export const stampJob = jobsOf<Context & { stores: Stores }>()('stamp', { run: async (ctx, about) => await stampDocuments(ctx, about) });
