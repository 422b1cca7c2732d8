import { sql } from '#kysely';

import { emit } from '../events/emit.ts';
import { enqueue } from '../jobs/enqueue.ts';
import { queueOnce } from '../jobs/queue-once.ts';
import { isOwn } from '../delivery/may-read.ts';
import { mayReadRecord } from '../assets/access.ts';
import { kindRules } from '../assets/kind-rules.ts';
import { selectMedia } from '../assets/media-row.ts';
import type { Tx } from '../lib/context.ts';
import { SafelightError } from '../lib/errors.ts';
import { hasQuota } from '../policy/require-quota.ts';
import { planUpload, type UploadPlan } from '../uploads/plan-upload.ts';
import { reserveAllowance } from './allowance.ts';
import { checkParameters, chooseModel, type Wanted } from './choose-model.ts';
import { expectedCost } from './cost-of.ts';
import type { MadeModel } from './generator.ts';
import type { GenerationContext, GenerationSite } from './generation-context.ts';

/** A request as it is stored: the destination of its results was fixed, by its caller, when it was made. */
export type KeptRequest = {
  wanted: Wanted;
  plan: Pick<UploadPlan, 'entity' | 'purpose' | 'altText' | 'needsOwnEntity'> & { collection: string };
  hasQuota: boolean;
};

const defaultVideoSeconds = 5;
/** Pictures have a number, videos a length. */
const outputsOf = (wanted: Wanted): number => ('n' in wanted ? wanted.n : 1);
const unitsOf = (wanted: Wanted): number => ('n' in wanted ? wanted.n : (wanted.durationSeconds ?? defaultVideoSeconds));
const withDuration = (asked: Wanted, { durations }: Pick<MadeModel, 'durations'>): Wanted =>
  'n' in asked ? asked : { ...asked, durationSeconds: asked.durationSeconds ?? durations[0] ?? defaultVideoSeconds };

/** `keep` runs in the transaction that queues the job. */
type GenerationOptions = { retryOf?: string; keep?: (tx: Tx, started: { jobId: string }) => Promise<void> };

/** Accepts a generation request: refuses at once what can be refused, and queues the rest as a job. Nothing is sent to a provider yet. */
export async function startGeneration(ctx: GenerationContext, asked: Wanted, options: GenerationOptions = {}): Promise<{ jobId: string }> {
  const { entityType, entityId, purpose, altText } = asked;
  // First: a caller that may not store anything there is told so, and learns nothing of the models.
  const destination = {
    collection: asked.collection ?? ctx.site.generation.collection,
    ...(entityType === undefined ? {} : { entityType }),
    ...(entityId === undefined ? {} : { entityId }),
    ...(purpose === undefined ? {} : { purpose }),
    ...(altText === undefined ? {} : { altText }),
  };
  // Nothing is paid for that would find no room.
  const items = outputsOf(asked);
  const plan = await planUpload(ctx, destination, { bytes: 0, items });
  const model = chooseModel(ctx, asked);
  checkParameters(model, asked, ctx.site.generation);
  const wanted = withDuration(asked, model);
  const wrong = !plan.collection.keepSource
    ? 'keeps no sources, and what a machine made is kept as it came'
    : !plan.collection.kinds.includes(wanted.kind)
      ? `takes no ${wanted.kind}`
      : null;
  if (wrong !== null)
    throw new SafelightError('invalid_request', `${plan.collection.name} ${wrong}. Name another collection.`, {
      errors: [{ field: 'collection', message: wrong }],
    });
  await requireInputs(ctx, wanted);
  const units = unitsOf(wanted);
  const kept: KeptRequest = {
    wanted,
    plan: { collection: plan.collection.name, entity: plan.entity, purpose: plan.purpose, altText: plan.altText, needsOwnEntity: plan.needsOwnEntity },
    hasQuota: hasQuota(ctx.actor, ctx.site.ceilings),
  };
  const jobId = await queueOnce(ctx.site.db, async (tx, id) => {
    const { retryOf } = options;
    if (retryOf !== undefined) await requireUntried(tx, retryOf);
    await reserveAllowance(tx, ctx, { kind: wanted.kind, units });
    await enqueue(tx, {
      id,
      type: `generate.${wanted.kind}`,
      ownerId: ctx.actor.id,
      collection: plan.collection.name,
      entity: plan.entity ?? undefined,
      data: retryOf === undefined ? {} : { retryOf },
    });
    await insertGeneration(tx, ctx, id, { kept, provider: model.provider, model: model.model, units, count: items });
    await options.keep?.(tx, { jobId: id });
    await emit(tx, [{ name: 'generation_started', ownerId: ctx.actor.id, collection: plan.collection.name, entity: plan.entity, jobId: id, payload: {} }]);
  });
  return { jobId };
}

/** A person who retries twice, by two clicks or two tabs, pays once. If the new job fails too, they may retry from either. */
async function requireUntried(tx: Tx, jobId: string): Promise<void> {
  await tx.selectFrom('generation').select('job_id').where('job_id', '=', jobId).forUpdate().execute();
  const found = await tx
    .selectFrom('job')
    .innerJoin('generation', 'generation.job_id', 'job.id')
    .select('job.id')
    .where(sql<string>`job.data ->> 'retryOf'`, '=', jobId)
    .where('job.state', 'not in', ['failed', 'cancelled'])
    .executeTakeFirst();
  if (found !== undefined) throw new SafelightError('conflict', `It is tried again already, as the job ${found.id}.`);
}

async function insertGeneration(
  tx: Tx,
  ctx: Pick<GenerationContext, 'actor'> & { site: Pick<GenerationSite, 'generation'> },
  jobId: string,
  asked: { kept: KeptRequest; provider: string; model: string; units: number; count: number },
): Promise<void> {
  const { kept, provider, model, units, count } = asked;
  const expected = expectedCost(ctx.site.generation.prices, { provider, model, kind: kept.wanted.kind, units });
  await tx
    .insertInto('generation')
    .values({
      job_id: jobId,
      owner_id: ctx.actor.id,
      kind: kept.wanted.kind,
      provider,
      model,
      request: JSON.stringify(kept),
      state: 'reserved',
      reserved_units: units,
      cost: expected,
      currency: expected === null ? null : ctx.site.generation.prices.currency,
    })
    .execute();
  await tx
    .insertInto('generation_output')
    .values(Array.from({ length: count }, (_, index) => ({ job_id: jobId, index, state: 'waiting' as const })))
    .execute();
}

/** Pictures are named by id and checked here: the caller owns or may see them, and they are ready. */
async function requireInputs(ctx: GenerationContext, { inputs }: Wanted): Promise<void> {
  if (inputs.length === 0) return;
  const ids = inputs.map(({ mediaId }) => mediaId);
  const rows = await selectMedia(ctx.site.db).where('asset.id', 'in', ids).execute();
  for (const id of ids) {
    const row = rows.find((candidate) => candidate.id === id);
    const refuse = (message: string): never => {
      throw new SafelightError('invalid_request', `inputs: ${message}.`, { errors: [{ field: 'inputs', message }] });
    };
    if (row === undefined || row.deleted_at !== null || (!isOwn(ctx.actor, row) && mayReadRecord(ctx.actor, row, ctx.site.collections) === 'no'))
      refuse(`there is no media ${id}, or you may not see it`);
    else if (!kindRules[row.kind].pictured || row.status !== 'ready') refuse(`${id} is no picture that is ready`);
  }
}
