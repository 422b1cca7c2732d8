import { createHmac } from 'node:crypto';

import { FailedForGood, Later, type JobContext } from '../jobs/running-job.ts';
import { transact } from '../lib/transact.ts';
import type { GenerationContext } from './generation-context.ts';
import { moveOutputs, type OutputRow } from './generation-rows.ts';
import { ProviderFailure, unknownOutcome, type Begun, type GenerationRequest, type Generator } from './generator.ts';
import { readInputs } from './read-inputs.ts';
import { failOutputs } from './fail-outputs.ts';
import type { Making } from './store-output.ts';

type Ctx = GenerationContext & JobContext;

/** How often a request is repeated when no work began. */
const mostSends = 3;

/**
 * Sends one paid request, once. The intention is committed first, so that a worker that takes over after a crash never sends it again. Returns null
 * when it failed, which is then recorded.
 */
export async function submitCall(ctx: Ctx, generator: Generator, making: Making, call: readonly OutputRow[]): Promise<Begun | null> {
  const { row } = making;
  const request = await requestOf(ctx, making, call);
  const indices = call.map(({ index }) => index);
  await transact(ctx.site.db, async (tx) => {
    await ctx.job.requireHeld(tx);
    const moved = await moveOutputs(tx, row.job_id, { indices, from: ['waiting'], to: 'submitting' });
    if (moved.length !== indices.length) throw new Error('another attempt sends this request');
    await tx.updateTable('generation').set({ state: 'submitting', submit_started_at: ctx.site.clock.now() }).where('job_id', '=', row.job_id).execute();
  });
  const patience = AbortSignal.timeout(ctx.site.generation.timeoutSeconds * 1000);
  try {
    return await generator.start(request, { signal: AbortSignal.any([ctx.signal, patience]) });
  } catch (error) {
    // Cancelled, taken over or shutting down: the code for that end decides, and the mark stays.
    ctx.signal.throwIfAborted();
    const failure = error instanceof ProviderFailure ? error : unknownOutcome(error);
    if (!(error instanceof ProviderFailure)) ctx.log.warn({ fault: nameOf(error), provider: row.provider }, 'A paid request ended without an answer.');
    if (failure.againAfterSeconds !== undefined && row.sends + 1 < mostSends) return await sendLater(ctx, making, indices, failure.againAfterSeconds);
    await failOutputs(ctx, row, call, failure);
    return null;
  }
}

/** A client library's messages may contain the request. */
const nameOf = (error: unknown): string => (error instanceof Error ? `${error.name}${'status' in error ? ` ${String(error.status)}` : ''}` : typeof error);

async function sendLater({ job, site: { db } }: Ctx, { row }: Making, indices: readonly number[], seconds: number): Promise<never> {
  await transact(db, async (tx) => {
    await job.requireHeld(tx);
    await moveOutputs(tx, row.job_id, { indices, from: ['submitting'], to: 'waiting' });
    await tx
      .updateTable('generation')
      .set((eb) => ({ state: 'reserved', sends: eb('sends', '+', 1) }))
      .where('job_id', '=', row.job_id)
      .execute();
  });
  throw new Later(seconds, { progress: null, message: 'the provider is busy; it is asked again' });
}

async function requestOf(ctx: Ctx, { row, kept }: Making, call: readonly OutputRow[]): Promise<GenerationRequest> {
  const { wanted } = kept;
  const [first] = call;
  if (first === undefined) throw new FailedForGood({ code: 'internal', message: 'Nothing was asked for.', retryable: false });
  const { prompt, size, aspectRatio, resolution, seed, providerOptions } = wanted;
  const shared = {
    kind: row.kind,
    model: row.model,
    prompt,
    n: call.length,
    index: first.index,
    inputs: await readInputs(ctx, wanted.inputs),
    // The secret is ours alone, so the name means nothing to anybody else.
    ownerToken: createHmac('sha256', ctx.site.generation.ownerSecret).update(row.owner_id).digest('hex').slice(0, 32),
    ...given({ size, aspectRatio, resolution, seed, options: providerOptions?.local === undefined ? undefined : given(providerOptions.local) }),
  };
  if (wanted.kind === 'video') return { ...shared, ...given({ durationSeconds: wanted.durationSeconds, audio: wanted.audio }) };
  return { ...shared, ...given({ quality: wanted.quality, format: wanted.format, background: wanted.background }) };
}

type Given<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> };
/** Drops undefined values. */
const given = <T extends Record<string, unknown>>(values: T): Given<T> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Given<T>;
