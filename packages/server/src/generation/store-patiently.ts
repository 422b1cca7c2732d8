import { setTimeout as delay } from 'node:timers/promises';

import type { JobContext } from '../jobs/running-job.ts';
import { passesByItself } from '../lib/database.ts';
import { SafelightError } from '../lib/errors.ts';
import type { GenerationContext } from './generation-context.ts';
import { readGeneration, type OutputRow } from './generation-rows.ts';
import { storeOutput, type Making } from './store-output.ts';

/** If this process gives them up they are lost, so it waits for a store or a database that is away for a while. */
const pausesSeconds = [1, 2, 4, 8, 15, 30];

/** Stores bytes that were paid for and exist only in this process. */
export async function storePatiently(ctx: GenerationContext & JobContext, making: Making, output: OutputRow, bytes: Buffer): Promise<void> {
  const pauses = pausesSeconds.values();
  for (let known: OutputRow | undefined = output; ;) {
    try {
      // Continues with what the previous attempt has opened. It may have got further than its answer told.
      known ??= await asItIs(ctx, output);
      return known.state === 'stored' || known.state === 'done' ? undefined : await storeOutput(ctx, making, known, bytes);
    } catch (error) {
      const { value: seconds } = pauses.next();
      if (seconds === undefined || !isAway(error)) throw error;
      await delay(seconds * 1000, undefined, { signal: ctx.signal });
      known = undefined;
    }
  }
}

const isAway = (error: unknown): boolean => (error instanceof SafelightError && error.code === 'storage_unavailable') || passesByItself(error);

async function asItIs(ctx: GenerationContext, output: OutputRow): Promise<OutputRow> {
  const known = await readGeneration(ctx.site.db, output.job_id);
  return known?.outputs.find(({ index }) => index === output.index) ?? output;
}
