import type { JobHandler, JobHandlers } from '../jobs/running-job.ts';
import { endCancelled, endFailed, holdOutputs, stopGeneration } from './end-generation.ts';
import type { GenerationContext } from './generation-context.ts';
import { runGeneration } from './run-generation.ts';

/** What the jobs of this room do. */
export function generationJobs(base: GenerationContext): JobHandlers {
  const handler: JobHandler = {
    run: async (ctx) => await runGeneration({ ...base, ...ctx }),
    hold: holdOutputs,
    stop: async (ctx, job) => await stopGeneration({ ...base, ...ctx }, job),
    onFailed: endFailed,
    onCancelled: endCancelled,
  };
  return { 'generate.image': handler, 'generate.video': handler };
}
