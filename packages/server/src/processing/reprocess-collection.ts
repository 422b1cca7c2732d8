import type { JobError } from '@safelight/contract/jobs';
import { sql, type SqlBool } from '#kysely';
import { setTimeout as delay } from 'node:timers/promises';

import { enqueueAll } from '../jobs/enqueue.ts';
import type { NewJob } from '../jobs/new-job.ts';
import type { Context, DataSite } from '../lib/context.ts';
import { SafelightError } from '../lib/errors.ts';
import { createPace } from '../lib/pace.ts';
import { transact } from '../lib/transact.ts';
import type { Kind } from '../lib/schema.ts';
import { collectionNamed, type Collections } from '../policy/collection.ts';
import { kinds, type KindRow } from './kinds.ts';
import type { Renewal } from './renew-asset.ts';

export type ReprocessContext = Context<DataSite & { collections: Collections }>;
export type ReprocessOptions = {
  collection: string;
  renewal: Renewal;
  /** Start with this asset and skip smaller ids. */
  from?: string;
  /** Media per second; by default as fast as the workers manage. */
  perSecond?: number;
  onProgress?: (progress: { done: number; expected: number }) => void;
  /** Called once when jobs have waited for a while and none has begun. */
  onNobodyWorks?: () => void;
  /** How long that is; by default a quarter of a minute. */
  patienceMs?: number;
};

export type Reprocessable = {
  media: number;
  /** Media that would be remade. */
  outdated: number;
  /** Media whose source was not kept, so nothing can be made from it. */
  withoutSource: number;
};

export type Reprocessed = Reprocessable & {
  renewed: number;
  unchanged: number;
  /** Media deleted meanwhile. */
  passed: number;
  failed: number;
  /** The first of the failures, with their reasons. */
  failures: { assetId: string; jobId: string; code: string; message: string }[];
  /** Where to continue after a stop: everything before it is done. Null when all is done. */
  next: string | null;
};

/** The most waiting jobs, so that a stop takes effect soon and nothing else in the lane waits behind a million of them. */
const windowSize = 32;
const pageSize = 200;
const pollMs = 200;
const shownFailures = 100;
/** Imports and other work that people wait for go first. */
const yieldSeconds = 3600;

/** Counts the media of the collection and those that would be remade. Changes nothing. */
export async function countReprocessable(ctx: ReprocessContext, { collection, renewal, from }: ReprocessOptions): Promise<Reprocessable> {
  const rules = rulesOf(ctx, collection);
  const row = await mediaOf(ctx, collection, rules, from)
    .select((eb) => [
      eb.fn.countAll<string>().as('media'),
      eb.fn.count<string>('asset.id').filterWhere('source_object_id', 'is', null).as('withoutSource'),
      eb.fn.count<string>('asset.id').filterWhere('source_object_id', 'is not', null).filterWhere(isOutdated(rules, renewal)).as('outdated'),
    ])
    .executeTakeFirstOrThrow();
  return { media: Number(row.media), outdated: Number(row.outdated), withoutSource: Number(row.withoutSource) };
}

const nobodyWorksMs = 15_000;

/**
 * Remakes the outputs of a collection's media, each in a job of the long lane (renew-asset.ts), and waits for the jobs. Up-to-date media are skipped,
 * so that a repeat continues after a stop, a crash, or a failure. Jobs that are queued when it is stopped still run.
 */
export async function reprocessCollection(ctx: ReprocessContext, options: ReprocessOptions): Promise<Reprocessed> {
  const { renewal, perSecond, onProgress } = options;
  const rules = rulesOf(ctx, options.collection);
  const counts = await countReprocessable(ctx, options);
  const total: Reprocessed = { ...counts, renewed: 0, unchanged: 0, passed: 0, failed: 0, failures: [], next: null };
  const pace = perSecond === undefined ? null : createPace(perSecond, ctx.signal);
  const underWay = new Map<string, string>();
  const patience = { left: options.patienceMs ?? nobodyWorksMs, isSpent: false };
  let last: string | undefined;
  const settle = async (most: number): Promise<void> => {
    while (underWay.size > most) {
      const ended = await readEnded(ctx, underWay, total);
      onProgress?.({ done: counted(total), expected: counts.outdated });
      if (underWay.size <= most) return;
      if (ended === 0 && counted(total) === 0 && !patience.isSpent && (patience.left -= pollMs) <= 0) {
        patience.isSpent = true;
        if (await nobodyWorks(ctx, underWay)) options.onNobodyWorks?.();
      }
      await delay(pollMs, undefined, { signal: ctx.signal });
    }
  };
  try {
    for (;;) {
      let query = mediaOf(ctx, options.collection, rules, options.from)
        .select('asset.id')
        .where('source_object_id', 'is not', null)
        .where(isOutdated(rules, renewal));
      if (last !== undefined) query = query.where('asset.id', '>', last);
      const page = await query.orderBy('asset.id').limit(pageSize).execute();
      for (const { id } of page) {
        await settle(windowSize - 1);
        await pace?.(1);
        const [jobId] = await transact(ctx.site.db, async (tx) => await enqueueAll(tx, [jobFor(ctx, id, options)]));
        last = id;
        if (jobId !== undefined) underWay.set(jobId, id);
      }
      if (page.length < pageSize) break;
    }
    await settle(0);
  } catch (error) {
    if (!ctx.signal.aborted) throw error;
    total.next = [...underWay.values()].toSorted()[0] ?? last ?? options.from ?? null;
  }
  return total;
}

const counted = ({ renewed, unchanged, passed, failed }: Reprocessed): number => renewed + unchanged + passed + failed;

/** For each kind with outputs in the collection: the roles that every asset of it has, and the rules. */
type KindRules = { kind: Kind; madeTypes: readonly string[] | undefined; roles: string[]; fingerprint: string };

function rulesOf(ctx: ReprocessContext, name: string): KindRules[] {
  const collection = collectionNamed(ctx.site.collections, name);
  const rules = collection.kinds.flatMap((kind) => {
    const { fingerprint: of, roles, madeTypes }: KindRow = kinds[kind];
    const fingerprint = of(collection);
    return fingerprint === null ? [] : [{ kind, madeTypes, fingerprint, roles: roles(collection) }];
  });
  if (rules.length > 0) return rules;
  throw new SafelightError(
    'invalid_request',
    `${name} has no outputs of pictures, videos, sounds or documents in the configuration, so there is nothing to make.`,
  );
}

const mediaOf = ({ site: { db } }: ReprocessContext, collection: string, rules: readonly KindRules[], from: string | undefined) =>
  db
    .selectFrom('asset')
    .where('asset.collection', '=', collection)
    .where((eb) =>
      eb.or(
        rules.map(({ kind, madeTypes }) => eb.and([eb('asset.kind', '=', kind), ...(madeTypes === undefined ? [] : [eb('asset.mime_type', 'in', madeTypes)])])),
      ),
    )
    .where('asset.status', '=', 'ready')
    .where('asset.deleted_at', 'is', null)
    .$if(from !== undefined, (query) => query.where('asset.id', '>=', from ?? ''));

function isOutdated(rules: readonly KindRules[], renewal: Renewal) {
  if (renewal === 'all') return sql<SqlBool>`true`;
  const ofKinds = rules.map(({ kind, roles, fingerprint }) => {
    const lacks = sql`
      (select count(*) from object
        where object.asset_id = asset.id and object.role = any(${roles}::text[])) < ${roles.length}`;
    const isOther = renewal === 'missing' ? lacks : sql`(asset.render_fingerprint is distinct from ${fingerprint} or ${lacks})`;
    return sql`(asset.kind = ${kind} and ${isOther})`;
  });
  return sql<SqlBool>`(${sql.join(ofKinds, sql` or `)})`;
}

const jobFor = (ctx: ReprocessContext, assetId: string, { collection, renewal }: ReprocessOptions): NewJob => ({
  type: 'renew',
  lane: 'long',
  yieldSeconds,
  ownerId: ctx.actor.id,
  assetId,
  collection,
  data: { assetId, renewal },
  // Two concurrent runs share the work.
  singletonKey: `${assetId}:${renewal}`,
});

/** Counts the jobs that have ended, drops them from the map, and returns their number. */
async function readEnded({ site: { db } }: ReprocessContext, underWay: Map<string, string>, total: Reprocessed): Promise<number> {
  const rows = await db
    .selectFrom('job')
    .leftJoin('asset', 'asset.id', 'job.asset_id')
    .select(['job.id', 'job.state', 'result', 'error', 'asset.id as asset'])
    .where('job.id', 'in', [...underWay.keys()])
    .where('finished_at', 'is not', null)
    .execute();
  for (const { id, state, result, error, asset } of rows) {
    const assetId = underWay.get(id) ?? '';
    underWay.delete(id);
    if (state === 'complete') total[outcomeOf(result)] += 1;
    // A purge cancels what is being made of its asset.
    else if (state === 'cancelled' && asset === null) total.passed += 1;
    else {
      total.failed += 1;
      const { code, message }: Pick<JobError, 'message'> & { code: string } = error ?? { code: state, message: 'The job was cancelled.' };
      if (total.failures.length < shownFailures) total.failures.push({ assetId, jobId: id, code, message });
    }
  }
  return rows.length;
}

function outcomeOf(result: Record<string, unknown> | null): 'renewed' | 'unchanged' | 'passed' {
  const outcome = result?.['outcome'];
  return outcome === 'renewed' || outcome === 'unchanged' ? outcome : 'passed';
}

async function nobodyWorks({ site: { db } }: ReprocessContext, underWay: ReadonlyMap<string, string>): Promise<boolean> {
  const begun = await db
    .selectFrom('job')
    .select('id')
    .where('id', 'in', [...underWay.keys()])
    .where('state', '<>', 'queued')
    .limit(1)
    .execute();
  return begun.length === 0;
}
