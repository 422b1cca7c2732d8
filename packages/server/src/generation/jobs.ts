import type { GenerationSite } from './generation-context.ts';
import { jobsOf } from '../jobs/define-job.ts';
import { endCancelled, endFailed, holdOutputs, stopGeneration } from './end-generation.ts';
import { runGeneration } from './run-generation.ts';

const generate = {
  run: runGeneration,
  hold: holdOutputs,
  stop: stopGeneration,
  onFailed: endFailed,
  onCancelled: endCancelled,
};

const define = jobsOf<GenerationSite>();
export const generateImageJob = define('generate.image', generate);
export const generateVideoJob = define('generate.video', generate);
