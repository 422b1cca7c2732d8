import type { JobContext } from '../jobs/running-job.ts';
import { whileAway } from '../lib/while-away.ts';
import type { GenerationContext } from './generation-context.ts';
import { readGeneration, type OutputRow } from './generation-rows.ts';
import { storeOutput, type Making } from './store-output.ts';

/** Stores bytes that were paid for and exist only in this process, which waits for a store or a database that is away for a while. */
export async function storePatiently(ctx: GenerationContext & JobContext, making: Making, output: OutputRow, bytes: Buffer): Promise<void> {
  await whileAway(ctx.signal, async (isAgain) => {
    // Continues with what the previous attempt has opened. It may have got further than its answer told.
    const known = isAgain ? await asItIs(ctx, output) : output;
    if (known.state !== 'stored' && known.state !== 'done') await storeOutput(ctx, making, known, bytes);
  });
}

async function asItIs(ctx: GenerationContext, output: OutputRow): Promise<OutputRow> {
  const known = await readGeneration(ctx.site.db, output.job_id);
  return known?.outputs.find(({ index }) => index === output.index) ?? output;
}
