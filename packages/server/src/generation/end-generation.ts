import type { JobError } from '@safelight/contract/jobs';
import { sql } from '#kysely';

import { emit } from '../events/emit.ts';
import type { JobEnd, JobSubject } from '../jobs/running-job.ts';
import type { Context, Tx, DataSite } from '../lib/context.ts';
import { lockPlaceOf } from '../places/lock-place.ts';
import { failProcessing } from '../processing/fail-processing.ts';
import { releaseUnderWriters } from '../storage/ledger.ts';
import { accountFor } from './account-for.ts';
import type { GenerationContext } from './generation-context.ts';
import { giveBack, moveOutputs, readGeneration, type OutputRow } from './generation-rows.ts';
import type { Generators } from './generator.ts';

/** Locks the places of the outputs so far, before the job's row. */
export async function holdOutputs(tx: Tx, job: JobSubject): Promise<void> {
  const rows = await tx.selectFrom('generation_output').select('asset_id').where('job_id', '=', job.id).orderBy('asset_id').execute();
  for (const { asset_id: assetId } of rows) if (assetId !== null) await lockPlaceOf(tx, assetId);
}

/** Runs before a cancelled generation ends: stops the provider's work, and records what it says about the cost. */
export async function stopGeneration(ctx: Context<DataSite & { generators: Generators }>, job: JobSubject): Promise<void> {
  const known = await readGeneration(ctx.site.db, job.id);
  if (known === null) return;
  const { row, outputs } = known;
  const generator = ctx.site.generators[row.provider as keyof Generators];
  const isRunning = outputs.some(({ state }) => state === 'submitting' || state === 'submitted');
  let stopped: boolean | null = isRunning ? null : true;
  if (generator?.isFree === true) stopped = true;
  else if (isRunning && row.operation !== null && generator?.cancel !== undefined) {
    const said = await generator.cancel(row.operation, { signal: ctx.signal });
    stopped = said === 'unknown' ? null : said === 'stopped';
  }
  await ctx.site.db.updateTable('generation').set({ spending_stopped: stopped }).where('job_id', '=', job.id).execute();
}

export async function endCancelled(tx: Tx, job: JobSubject, _end: unknown, ctx: GenerationContext): Promise<void> {
  const known = await readGeneration(tx, job.id);
  const error = { code: 'cancelled', message: 'It was cancelled.', retryable: true } as const;
  const done = known?.outputs.filter(({ state }) => state === 'done') ?? [];
  await endWithout(tx, ctx, job, { error, state: 'cancelled' });
  const result = { spendingStopped: known?.row.spending_stopped ?? null, requested: known?.outputs.length ?? 0, stored: done.map(({ asset_id }) => asset_id) };
  await sql`
    update job set result = ${JSON.stringify(result)}::jsonb, error = ${JSON.stringify(error)}::jsonb
    where id = ${job.id}::uuid`.execute(tx);
}

export async function endFailed(tx: Tx, job: JobSubject, { error }: JobEnd, ctx: GenerationContext): Promise<void> {
  await endWithout(tx, ctx, job, { error, state: error.code === 'outcome_unknown' ? 'unknown' : 'failed' });
}

/** No further output comes: outputs never sent cost nothing, partly arrived ones are removed, and one event reports it. */
async function endWithout(
  tx: Tx,
  ctx: GenerationContext,
  job: JobSubject,
  { error, state }: { error: JobError; state: 'failed' | 'cancelled' | 'unknown' },
): Promise<void> {
  const known = await readGeneration(tx, job.id);
  if (known !== null) {
    const { row, outputs } = known;
    const { code, message } = error;
    const unsent = outputs.filter((output) => output.state === 'waiting').length;
    const open = outputs.filter(({ state: of }) => of !== 'done' && of !== 'failed').map(({ index }) => index);
    await moveOutputs(tx, row.job_id, {
      indices: open,
      from: ['waiting', 'submitting', 'submitted', 'storing', 'stored'],
      to: 'failed',
      error: { code, message },
    });
    await giveBack(tx, row, unsent);
    for (const output of outputs) await giveUp(tx, job, output, error);
    await accountFor(tx, ctx, row.job_id, { state, error: { code, message } });
  }
  await emit(tx, [
    { name: 'generation_failed', ownerId: job.ownerId, collection: job.collection ?? null, entity: job.entity ?? null, jobId: job.id, payload: { error } },
  ]);
}

/** Removes bytes that are arriving; an unprocessed asset becomes failed, for its owner to delete. */
async function giveUp(tx: Tx, job: JobSubject, { state, upload_id: uploadId, asset_id: assetId }: OutputRow, error: JobError): Promise<void> {
  if (state === 'stored' && assetId !== null) await failProcessing(tx, { assetId, jobId: job.id, attempts: 1, error: { ...error, retryable: false } });
  if (uploadId === null || assetId !== null) return;
  const ended = await tx
    .updateTable('upload_session')
    .set({ state: 'aborted', updated_at: new Date() })
    .where('id', '=', uploadId)
    .where('state', '=', 'open')
    .returning('object_id')
    .executeTakeFirst();
  if (ended !== undefined && ended.object_id !== null) await releaseUnderWriters(tx, [ended.object_id]);
}
