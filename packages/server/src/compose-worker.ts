import type { Resources } from './compose-data.ts';
import { jobHandlers } from './compose-jobs.ts';
import type { Opened } from './compose-site.ts';
import type { Config } from './config.ts';
import { emitProgress } from './events/emit-progress.ts';
import { openWebhooks, type Webhooks } from './events/webhooks/start-webhooks.ts';
import { lookAtOpen } from './generation/look-at-open.ts';
import type { JobLane } from './jobs/definitions.ts';
import type { OnEnded } from './jobs/run-job.ts';
import { type Worker, startWorker } from './jobs/work.ts';
import { systemActor } from './lib/context.ts';
import type { Log } from './lib/log.ts';

type WorkOptions = { log: Log; own: Resources['own']; graceMs: number; onEnded: OnEnded; lanes: readonly JobLane[] | undefined };

/** Runs this process's jobs, and delivers events to the application's endpoints. */
export async function startWork(
  config: Config,
  { site, hearing }: Opened,
  { log, own, graceMs, onEnded, lanes: only }: WorkOptions,
): Promise<{ worker: Worker; webhooks: Webhooks }> {
  const context = { actor: systemActor, log, signal: site.closing, site };
  const places = { short: config.workerJobs, poster: 2, long: Math.max(2, config.decoders.count), review: 4, generation: 8, upkeep: 2 };
  const lanes = Object.fromEntries(Object.entries(places).filter(([lane]) => only === undefined || only.some((wanted) => wanted === lane)));
  const worker = own('worker', startWorker({ hearing, context, handlers: jobHandlers, lanes, onProgress: emitProgress, onEnded }), (running) =>
    running.stop({ graceMs }),
  );
  if (lanes['generation'] !== undefined) own('looks', lookAtOpen(context), (looks) => looks.stop());
  const webhooks = own('webhooks', await openWebhooks(context, { hearing, endpoint: config.webhooks.endpoint }), (all) => all.stop());
  return { worker, webhooks };
}
