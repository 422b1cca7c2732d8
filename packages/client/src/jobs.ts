import type { Job } from '@safelight/contract/api';

import type { EventHub } from './event-hub.ts';
import type { SafelightProblem } from './problem.ts';
import { request, type CallOptions, type Connection, type RequestInput } from './request.ts';
import { watch } from './watch.ts';

export type JobQuery = NonNullable<RequestInput<'listJobs'>['query']>;
export type WaitOptions = {
  signal?: AbortSignal | undefined;
  onChange?: ((job: Job) => void) | undefined;
  /** What it could not be read for just now; it goes on trying. */
  onTrouble?: ((problem: SafelightProblem) => void) | undefined;
};

export type JobsResource = ReturnType<typeof jobsResource>;

export function jobsResource(connection: Connection, hub: EventHub) {
  const read = async (id: string, options: CallOptions = {}): Promise<Job> => (await request(connection, 'readJob', { ...options, params: { id } })).job;
  return {
    /** One page, newest first. */
    list: (query: JobQuery = {}, options: CallOptions = {}) => request(connection, 'listJobs', { ...options, query }),
    read,
    /** Resolves with the job once it has ended, however that was; tells on the way what really happens. */
    async wait(id: string, { signal, onChange, onTrouble }: WaitOptions = {}): Promise<Job> {
      let known: Job | undefined;
      const tell = (job: Job): void => onChange?.((known = job));
      return await watch(hub, {
        signal,
        isDue: true,
        isReason: ({ event, data }) => {
          if (data.jobId !== id) return false;
          if (known === undefined || !event.endsWith('_progress') || !('progress' in data)) return true;
          tell({ ...known, progress: data.progress, message: data.message ?? null });
          return false;
        },
        async look(own) {
          const job = await read(id, { signal: own, retries: 0 });
          if (!own.aborted) tell(job);
          return job.state === 'complete' || job.state === 'failed' || job.state === 'cancelled' ? job : undefined;
        },
        onTrouble,
      });
    },
    /** Cancelling twice is the same as once; a job that has ended stays as it ended. */
    cancel: async (id: string, options: CallOptions = {}) => (await request(connection, 'cancelJob', { ...options, params: { id } })).job,
    /** A failed generation once more, as a new job; `mayCostAgain` says whether the failed one may have been paid for. */
    retry: (id: string, options: CallOptions = {}) => request(connection, 'retryJob', { ...options, params: { id } }),
  };
}
