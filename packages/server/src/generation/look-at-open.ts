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

/** As many are looked at in one go, and so many at one moment. */
const mostDue = 500;
const mostAtOnce = 16;
const glanceMs = 8_000;
/** After so long another process looks at operations of one that has died. */
const leaseSeconds = 9;
const lookForOpenMs = 1_000;
/** What another process has begun is not due sooner. */
const mostRestMs = 5_000;

/**
 * Looks at everything that providers still work on, when its time has come, in groups: a thousand open videos cost a statement a second and a
 * small request each. Their jobs pause meanwhile; the ones that there is news of are woken, and look properly. Where several processes do
 * this each takes what no other has taken.
 */
export function lookAtOpen(ctx: Ctx): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const signal = AbortSignal.any([ctx.signal, stopping.signal]);
  /** Of a provider that is slow to answer nothing more is begun meanwhile; it keeps nobody else waiting. */
  const looking = new Map<string, Promise<void>>();
  let restUntil = 0;
  const look = async (): Promise<void> => {
    if (performance.now() < restUntil) return;
    const { due, nextInMs } = await takeDue(ctx.site.db, [...looking.keys()]);
    restUntil = due.length > 0 ? 0 : performance.now() + Math.min(mostRestMs, nextInMs);
    for (const [provider, group] of Map.groupBy(due, (one) => one.provider)) {
      const work = lookAt({ ...ctx, signal }, ctx.site.generators[provider as keyof Generators], group)
        .catch((cause: unknown) => void (signal.aborted || ctx.log.warn({ err: cause, provider }, 'Open generations could not be looked at.')))
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

/** Those that are due, which nobody else takes for a while. */
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

/** Ever more rarely. Only what answers without sense several times in a row is given up, so a good answer ends the row. */
async function lookAgainLater(db: Db, { silent, running }: { silent: string[]; running: string[] }): Promise<void> {
  if (silent.length + running.length === 0) return;
  await sql`
    update generation set polls = polls + 1, next_poll_at = ${nextLook(sql`polls + 1`)},
      bad_polls = case when job_id = any(${running}::uuid[]) then 0 else bad_polls end
    where state = 'submitted' and job_id = any(${[...silent, ...running]}::uuid[])`.execute(db);
}

/** What cannot be glanced at, or answers what nobody understands, is for its job to look at. */
async function glanceAt({ signal }: Ctx, generator: Generator | undefined, { operation }: Due): Promise<Glance> {
  if (generator?.glance === undefined) return { is: 'news' };
  try {
    return await generator.glance(operation, { signal: AbortSignal.any([signal, AbortSignal.timeout(glanceMs)]) });
  } catch {
    signal.throwIfAborted();
    return { is: 'news' };
  }
}
