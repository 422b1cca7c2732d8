import type { Job, jobListQuerySchema } from '@safelight/contract/jobs';
import type { z } from 'zod';

import type { Context } from '../lib/context.ts';
import { encodeCursor, idOfCursor } from '../lib/cursor.ts';
import { withinReach } from '../lib/reach.ts';
import { jobsShownAs } from './definitions.ts';
import { renderJob, seesEveryJob } from './visible-job.ts';

/** The newest first: the caller's own, or everybody's for a manager. `nextCursor` is null on the last page. */
export async function listJobs(ctx: Context, query: z.output<typeof jobListQuerySchema>): Promise<{ jobs: Job[]; nextCursor: string | null }> {
  const { state, type, mediaId, assetId, limit, cursor } = query;
  let select = ctx.site.db
    .selectFrom('job')
    .selectAll()
    .where(withinReach(ctx.actor, 'job'))
    .orderBy('id', 'desc')
    .limit(limit + 1);
  if (!seesEveryJob(ctx)) select = select.where('owner_id', '=', ctx.actor.id);
  if (state !== undefined) select = select.where('state', '=', state);
  if (type !== undefined) select = select.where((eb) => eb('type', '=', eb.fn.any(eb.val(jobsShownAs(type)))));
  if (mediaId !== undefined) select = select.where('asset_id', '=', mediaId);
  if (assetId !== undefined) select = select.where('asset_id', '=', assetId);
  if (cursor !== undefined) select = select.where('id', '<', idOfCursor(cursor));
  const rows = await select.execute();
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return { jobs: page.map(renderJob), nextCursor: rows.length > limit && last !== undefined ? encodeCursor(last.id) : null };
}
