import { sql } from '#kysely';

import { emit } from '../events/emit.ts';
import { progressEvent } from '../events/emit-progress.ts';
import { repeat } from '../jobs/repeat.ts';
import { tellProgress } from '../jobs/tell-progress.ts';
import { wakeJobs } from '../jobs/wake-jobs.ts';
import type { Context, Db } from '../lib/context.ts';
import { transact } from '../lib/transact.ts';
import type { GenerationSite } from './generation-context.ts';
import type { Generator, Generators, Glance } from './generator.ts';
import { nextLook } from './poll-operation.ts';

type Ctx = Pick<Context, 'log' | 'signal'> & { site: Pick<GenerationSite, 'db' | 'generators'> };
type Due = { id: string; provider: string; operation: unknown };

/** The number of operations per query, and of concurrent glances. */
const mostDue = 500;
const mostAtOnce = 16;
const glanceMs = 8_000;
/** After this time, another process takes over the operations of a dead one. */
const leaseSeconds = 9;
const lookForOpenMs = 1_000;
/** The longest rest between queries: operations that another process starts become due no sooner than this. */
const mostRestMs = 5_000;

/**
 * Glances at all operations that providers still work on when they are due, in groups: a thousand open videos cost a statement per second and a small
 * request each. Their jobs are paused meanwhile; a job with news is woken and polls properly. With several processes, each takes operations that no
 * other has taken.
 */
export function lookAtOpen(ctx: Ctx): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const signal = AbortSignal.any([ctx.signal, stopping.signal]);
  /** While a slow provider has not answered, no more requests to it are started; it delays no other provider. */
  const looking = new Map<string, Promise<void>>();
  let restUntil = 0;
  const look = async (): Promise<void> => {
    if (performance.now() < restUntil) return;
    const { due, nextInMs } = await takeDue(ctx.site.db, [...looking.keys()]);
    restUntil = due.length > 0 ? 0 : performance.now() + Math.min(mostRestMs, nextInMs);
    for (const [provider, group] of Map.groupBy(due, (one) => one.provider)) {
      const work = lookAt({ ...ctx, signal }, ctx.site.generators[provider as keyof Generators], group)
        .catch((cause: unknown) => void (signal.aborted || ctx.log.warn({ err: cause, provider }, 'Open generations could not be polled.')))
        .finally(() => looking.delete(provider));
      looking.set(provider, work);
    }
  };
  const stop = repeat(look, lookForOpenMs, (cause) => ctx.log.warn({ err: cause }, 'Could not look for open generations; trying again.'));
  return {
    async stop() {
      stopping.abort();
      await stop();
      await Promise.all(looking.values());
    },
  };
}

/** Takes the due operations for a while, so that nobody else does. */
async function takeDue(db: Db, except: readonly string[]): Promise<{ due: Due[]; nextInMs: number }> {
  const { rows } = await sql<Due & { nextInMs: number | null }>`
    with due as (
      select job_id from generation
      where state = 'submitted' and next_poll_at <= now() and provider <> all(${except}::text[])
      order by next_poll_at limit ${mostDue} for update skip locked
    ), taken as (
      update generation set next_poll_at = now() + ${leaseSeconds} * interval '1s'
      from due where generation.job_id = due.job_id
      returning generation.job_id as id, provider, operation
    ), next as (
      select extract(epoch from min(next_poll_at) - now())::float8 * 1000 as "nextInMs" from generation
      where state = 'submitted'
    )
    select next."nextInMs", taken.* from next left join taken on true`.execute(db);
  return { due: rows.filter(({ id }) => (id as string | null) !== null), nextInMs: rows[0]?.nextInMs ?? mostRestMs };
}

async function lookAt(ctx: Ctx, generator: Generator | undefined, group: readonly Due[]): Promise<void> {
  const [news, silent, running]: [string[], string[], string[]] = [[], [], []];
  const told: { id: string; progress: number }[] = [];
  const left = [...group];
  const lookOn = async (): Promise<void> => {
    for (let one = left.shift(); one !== undefined; one = left.shift()) {
      const seen = await glanceAt(ctx, generator, one);
      (seen.is === 'news' ? news : seen.is === 'silent' ? silent : running).push(one.id);
      if (seen.is === 'running' && seen.progress !== null) told.push({ id: one.id, progress: seen.progress });
    }
  };
  await Promise.all(Array.from({ length: mostAtOnce }, lookOn));
  await wakeJobs(ctx.site.db, news);
  await lookAgainLater(ctx.site.db, { silent, running });
  if (told.length > 0)
    await transact(ctx.site.db, async (tx) => {
      const news = await tellProgress(tx, told);
      await emit(
        tx,
        news.flatMap(({ job, progress }) => progressEvent(job, { progress, message: 'the provider is working' })),
      );
    });
}

/** At growing intervals. Only several meaningless answers in a row make an operation fail, so a good answer resets the count. */
async function lookAgainLater(db: Db, { silent, running }: { silent: string[]; running: string[] }): Promise<void> {
  if (silent.length + running.length === 0) return;
  await sql`
    update generation set polls = polls + 1, next_poll_at = ${nextLook(sql`polls + 1`)},
      bad_polls = case when job_id = any(${running}::uuid[]) then 0 else bad_polls end
    where state = 'submitted' and job_id = any(${[...silent, ...running]}::uuid[])`.execute(db);
}

/** When a glance is impossible, or nobody understands the answer, the job has to poll. */
async function glanceAt({ signal }: Ctx, generator: Generator | undefined, { operation }: Due): Promise<Glance> {
  if (generator?.glance === undefined) return { is: 'news' };
  try {
    return await generator.glance(operation, { signal: AbortSignal.any([signal, AbortSignal.timeout(glanceMs)]) });
  } catch {
    signal.throwIfAborted();
    return { is: 'news' };
  }
}
