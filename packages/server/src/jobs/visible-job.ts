import type { Job } from '@safelight/contract/jobs';
import type { Selectable } from '#kysely';

import type { Context } from '../lib/context.ts';
import { notFound } from '../lib/errors.ts';
import { entityOf, isWithinReach } from '../lib/reach.ts';
import { isUuid } from '../lib/ids.ts';
import type { JobTable } from '../lib/schema.ts';
import { typeShown } from './definitions.ts';

/** A job belongs to its owner; a manager sees every job. For all others it does not exist. */
export const seesEveryJob = ({ actor }: Context): boolean => actor.scopes.has('media:manage');

export async function findVisibleJob(ctx: Context, id: string): Promise<Selectable<JobTable>> {
  if (!isUuid(id)) throw notFound('job');
  const row = await ctx.site.db.selectFrom('job').selectAll().where('id', '=', id).executeTakeFirst();
  if (row === undefined || !isWithinReach(ctx.actor, entityOf(row)) || (row.owner_id !== ctx.actor.id && !seesEveryJob(ctx))) throw notFound('job');
  return row;
}

export function renderJob(row: Selectable<JobTable>): Job {
  return {
    id: row.id,
    type: typeShown(row.type),
    state: row.state,
    progress: row.progress,
    message: row.message,
    attempts: row.attempts,
    ...(row.asset_id === null ? {} : { assetId: row.asset_id }),
    ...(typeof row.data['retryOf'] === 'string' ? { retryOf: row.data['retryOf'] } : {}),
    ...(row.result === null ? {} : { result: row.result }),
    ...(row.error === null ? {} : { error: row.error as NonNullable<Job['error']> }),
    tries: triesOf(row),
    ...(row.finished_at === null ? {} : { finishedAt: row.finished_at.toISOString() }),
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  };
}

/** The last attempt has ended with the job, or is still running. */
function triesOf({ tries, began_at: beganAt, finished_at: finishedAt, error, state }: Selectable<JobTable>): Job['tries'] {
  const ended = tries.map((one) => ({
    startedAt: new Date(one.beganAt).toISOString(),
    endedAt: new Date(one.endedAt).toISOString(),
    error: one.error as NonNullable<Job['error']>,
  }));
  if (beganAt === null) return ended;
  const last = {
    startedAt: beganAt.toISOString(),
    endedAt: finishedAt?.toISOString() ?? null,
    error: state === 'failed' ? ((error as Job['error']) ?? null) : null,
  };
  return [...ended, last];
}
