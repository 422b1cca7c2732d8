import type { Readable } from 'node:stream';

import { sql } from '#kysely';

import { renderMedia } from '../assets/render-media.ts';
import { selectMedia } from '../assets/media-row.ts';
import { emit } from '../events/emit.ts';
import { FailedForGood, type JobContext } from '../jobs/running-job.ts';
import { secondsFrom } from '../lib/clock.ts';
import { SafelightError } from '../lib/errors.ts';
import { transact } from '../lib/transact.ts';
import { whileAway } from '../lib/while-away.ts';
import { accountFor } from './account-for.ts';
import { checkPrompt } from './check-prompt.ts';
import { endsStalled } from './ends-stalled.ts';
import { failOutputs } from './fail-outputs.ts';
import type { GenerationContext } from './generation-context.ts';
import { moveOutputs, readGeneration, type GenerationRow, type OutputRow } from './generation-rows.ts';
import { ProviderFailure, unknownOutcome, type Generator, type Output, type Usage } from './generator.ts';
import { nothingCame } from './provider-failures.ts';
import type { KeptRequest } from './start-generation.ts';
import { lookAgain, nextLook, pollOperation, untilThereIsNews } from './poll-operation.ts';
import { processOutputs } from './process-outputs.ts';
import { recoverOutput, storeOutput, type Making } from './store-output.ts';
import { storePatiently } from './store-patiently.ts';
import { submitCall } from './submit-call.ts';

type Ctx = GenerationContext & JobContext;

/** The states of a generation are described in generation-rows.ts. */
export async function runGeneration(ctx: Ctx): Promise<void> {
  const generator = await takeOver(ctx);
  for (;;) {
    const known = await readGeneration(ctx.site.db, ctx.job.id);
    if (known === null) throw new FailedForGood({ code: 'gone', message: 'Nothing is known of this generation any more.', retryable: false });
    const making: Making = { row: known.row, kept: known.row.request as KeptRequest };
    await processOutputs(ctx, known.outputs);
    const waiting = known.outputs.filter(({ state }) => state === 'waiting');
    const running = known.outputs.filter(({ state }) => state === 'submitted');
    if (running.length > 0) await takeAnswer(ctx, generator, making, running);
    else if (waiting.length === 0) return await complete(ctx, making.row);
    else if (await checkPrompt(ctx, making, waiting)) await makeCall(ctx, generator, making, generator.takesMany ? waiting : waiting.slice(0, 1));
  }
}

/**
 * Takes over from an earlier worker. A request without a recorded answer is never sent again: nobody can tell its outcome. Outputs that it had
 * received and stored are taken from the store. Only free providers are simply asked anew.
 */
async function takeOver(ctx: Ctx): Promise<Generator> {
  const known = await readGeneration(ctx.site.db, ctx.job.id);
  const generator = ctx.site.generators[(known?.row.provider ?? '') as keyof typeof ctx.site.generators];
  if (known === null || generator === undefined) {
    const message = `The provider ${known?.row.provider ?? ''} is not configured here any more.`;
    throw new FailedForGood({ code: 'provider_disabled', message, retryable: false });
  }
  const making: Making = { row: known.row, kept: known.row.request as KeptRequest };
  const sent: number[] = [];
  for (const output of known.outputs) {
    const isOpen = output.state === 'submitting' || output.state === 'submitted';
    if (isOpen && !generator.isFree && (await recoverOutput(ctx, making, output))) continue;
    if (output.state === 'submitting') sent.push(output.index);
  }
  const { code, message } = unknownOutcome();
  const anew = { to: 'waiting' } as const;
  // A provider that makes all outputs in one call has answered it if any of them was stored.
  const isAnswered = generator.takesMany && known.outputs.length > sent.length;
  const lost = { to: 'failed', error: { code, message: isAnswered ? lostOnTheWay : message } } as const;
  await transact(ctx.site.db, async (tx) => {
    await ctx.job.requireHeld(tx);
    await moveOutputs(tx, ctx.job.id, { indices: sent, from: ['submitting'], ...(generator.isFree ? anew : lost) });
  });
  return generator;
}

const lostOnTheWay =
  'The provider has answered, but the process that stored what it made was ended before this one was stored. It was probably paid for; trying again costs again.';

async function makeCall(ctx: Ctx, generator: Generator, making: Making, call: readonly OutputRow[]): Promise<void> {
  report(ctx, await doneOf(ctx), 'waiting for the provider');
  const answered = await submitCall(ctx, generator, making, call);
  if (answered === null) return;
  if (answered.state === 'started') {
    const deadline = secondsFrom(ctx.site.clock.now(), ctx.site.generation.deadlineSeconds);
    // Without the operation nobody could fetch what was paid for.
    await whileAway(ctx.signal, async () => await keepOperation(ctx, call, { operation: JSON.stringify(answered.operation), deadline_at: deadline }));
    throw untilThereIsNews(ctx, deadline, { progress: null, message: 'the provider is working' });
  }
  await noteUsage(ctx, [...(making.row.usage ?? []), answered.usage]);
  await storeAll(ctx, generator, making, call, answered.outputs);
}

async function keepOperation(ctx: Ctx, call: readonly OutputRow[], kept: { operation: string; deadline_at: Date }): Promise<void> {
  await transact(ctx.site.db, async (tx) => {
    await ctx.job.requireHeld(tx);
    const indices = call.map(({ index }) => index);
    await moveOutputs(tx, ctx.job.id, { indices, from: ['submitting'], to: 'submitted' });
    await tx
      .updateTable('generation')
      .set({ ...kept, state: 'submitted', next_poll_at: nextLook(sql`0`) })
      .where('job_id', '=', ctx.job.id)
      .execute();
  });
}

/** Polls once; either the operation is done, or another poll follows after a pause that holds no slot of the lane. */
async function takeAnswer(ctx: Ctx, generator: Generator, making: Making, running: readonly OutputRow[]): Promise<void> {
  const polled = await pollOperation(ctx, generator, making.row, running);
  if (polled === null) return;
  // One operation is one call, however often it is polled.
  await noteUsage(ctx, [polled.usage]);
  try {
    await storeAll(ctx, generator, making, running, polled.outputs);
  } catch (error) {
    // Our own abort is thrown; otherwise a result did not arrive whole, and fetching it again costs nothing.
    ctx.signal.throwIfAborted();
    if (error instanceof SafelightError || polled.outputs.every((output) => !('from' in output))) throw error;
    await lookAgain(ctx, making.row, running, error);
  }
}

/**
 * Records the provider's usage counts, one entry per call, before anything can go wrong with the outputs, and waits for a database that is away: only
 * this process knows them. Also resets `sends`: the next call may be retried as often as this one was.
 */
async function noteUsage(ctx: Ctx, calls: readonly Usage[]): Promise<void> {
  const record = async (): Promise<void> =>
    await transact(ctx.site.db, async (tx) => {
      await ctx.job.requireHeld(tx);
      await tx
        .updateTable('generation')
        .set({ usage: JSON.stringify(calls), sends: 0 })
        .where('job_id', '=', ctx.job.id)
        .execute();
    });
  await whileAway(ctx.signal, record);
}

/** Stores all at once: until then, what was paid for exists only in this process. One that cannot be stored does not affect the others. */
async function storeAll(ctx: Ctx, generator: Generator, making: Making, call: readonly OutputRow[], answered: readonly Output[]): Promise<void> {
  const nothing = { failure: new ProviderFailure('provider_failed', 'The provider made fewer than were asked for.', { isBilled: false }) };
  const ends = call.map(async (output, position) => {
    const came = answered[position] ?? nothing;
    try {
      if ('failure' in came) throw came.failure;
      if ('bytes' in came) await storePatiently(ctx, making, output, came.bytes);
      else await storeOutput(ctx, making, output, await opened(generator, came.from, ctx.signal));
    } catch (error) {
      await failOutputs(ctx, making.row, [output], asFailure(error));
    }
    report(ctx, await doneOf(ctx), 'storing');
  });
  for (const end of await Promise.allSettled(ends)) if (end.status === 'rejected') throw end.reason;
}

/** An output that was made but cannot be kept (it is too large, its collection is full) fails alone. */
function asFailure(error: unknown): ProviderFailure {
  if (error instanceof ProviderFailure) return error;
  if (!(error instanceof SafelightError) || error.retryable || error.code === 'conflict') throw error;
  return new ProviderFailure(error.code, error.detail, { isBilled: true });
}

async function opened(generator: Generator, from: unknown, signal: AbortSignal): Promise<Readable> {
  if (generator.open === undefined) throw nothingCame('a place where bytes were wanted');
  return endsStalled(await generator.open(from, { signal }));
}

const doneOf = async (ctx: Ctx): Promise<{ done: number; all: number }> => {
  const rows = await ctx.site.db.selectFrom('generation_output').select('state').where('job_id', '=', ctx.job.id).execute();
  return { done: rows.filter(({ state }) => state === 'stored' || state === 'done').length, all: rows.length };
};

const report = (ctx: Ctx, { done, all }: { done: number; all: number }, message: string): void => ctx.job.progress(done === 0 ? null : done / all, message);

/** One transaction: the end of the job, the end of the generation, and the one event for it. */
async function complete(ctx: Ctx, row: GenerationRow): Promise<void> {
  const made = await resultOf(ctx);
  const [first] = made.failures;
  if (made.media.length === 0) {
    const code = first?.code ?? 'provider_failed';
    throw new FailedForGood({ code, message: first?.message ?? 'The provider made nothing.', retryable: isWorthTrying(code) });
  }
  await transact(ctx.site.db, async (tx) => {
    const cost = await accountFor(tx, ctx, row.job_id, { state: 'done' });
    const result = { ...made, cost };
    await ctx.job.settle(tx, result);
    await emit(tx, [
      {
        name: 'generation_complete',
        ownerId: row.owner_id,
        collection: ctx.job.collection ?? null,
        entity: ctx.job.entity ?? null,
        jobId: row.job_id,
        payload: { result },
      },
    ]);
  });
}

const mayBeTriedAgain = new Set([
  'provider_quota',
  'provider_failed',
  'provider_timeout',
  'outcome_unknown',
  'rate_limited',
  'storage_unavailable',
  'unavailable',
]);
const isWorthTrying = (code: string): boolean => mayBeTriedAgain.has(code);

export type GenerationResult = {
  media: ReturnType<typeof renderMedia>[];
  urls: (string | null)[];
  requested: number;
  failures: { index: number; code: 'provider_failed'; message: string }[];
};

async function resultOf(ctx: Ctx): Promise<GenerationResult> {
  const known = await readGeneration(ctx.site.db, ctx.job.id);
  const outputs = known?.outputs ?? [];
  const ids = outputs.flatMap(({ state, asset_id }) => (state === 'done' && asset_id !== null ? [asset_id] : []));
  const rows = ids.length === 0 ? [] : await selectMedia(ctx.site.db).where('asset.id', 'in', ids).execute();
  const inOrder = ids.flatMap((id) => rows.filter((row) => row.id === id));
  const media = inOrder.map((row) => renderMedia(row, ctx.site.urls, 'own'));
  return {
    media,
    urls: media.map(({ published, src }) => (published ? src : null)),
    requested: outputs.length,
    failures: outputs.flatMap(({ index, state, error }) =>
      // Only codes of our own table are stored there.
      state === 'failed' ? [{ index, code: (error?.code ?? 'provider_failed') as 'provider_failed', message: error?.message ?? '' }] : [],
    ),
  };
}
