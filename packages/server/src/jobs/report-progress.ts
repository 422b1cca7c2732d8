import type { Context } from '../lib/context.ts';
import { transact } from '../lib/transact.ts';
import type { Attempt } from './attempt.ts';
import { writeProgress } from './queue-rows.ts';
import type { OnProgress, RunningJob } from './running-job.ts';

/** Nothing is written before the work has taken a while, so that quick work writes nothing. */
const pauseMs = { first: 500, next: 500 };

/**
 * Writes the handler's progress to the row that people see, only the latest and at most twice a second, and emits it. `stop` resolves when nothing is
 * being written any more. A failure to report never fails the work.
 */
export function reportProgress(
  attempt: Attempt,
  ctx: Context,
  onProgress: OnProgress | undefined,
): { progress: RunningJob['progress']; stop(): Promise<void> } {
  let newest: { progress: number | null; message?: string } | undefined;
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();
  let stopped = false;
  const begun = performance.now();
  let writes = 0;

  const write = async (): Promise<void> => {
    const told = newest;
    newest = undefined;
    if (told === undefined || attempt.standing !== 'open') return;
    try {
      await transact(ctx.site.db, async (tx) => {
        if (await writeProgress(tx, attempt.claim, told.progress, told.message)) await onProgress?.(tx, attempt.subject, told);
      });
    } catch (cause) {
      ctx.log.warn({ err: cause }, 'The progress of a job could not be recorded.');
    }
  };
  const schedule = (): void => {
    if (timer !== undefined || stopped || newest === undefined) return;
    const wait = writes++ === 0 ? Math.max(0, pauseMs.first - (performance.now() - begun)) : pauseMs.next;
    timer = setTimeout(() => {
      writing = write().then(() => {
        timer = undefined;
        schedule();
      });
    }, wait);
  };

  return {
    progress(fraction, message) {
      const progress = fraction === null || Number.isNaN(fraction) ? null : Math.min(1, Math.max(0, fraction));
      newest = message === undefined ? { progress } : { progress, message };
      schedule();
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await writing;
    },
  };
}
