import type { Job, JobList } from '@safelight/contract/api';

import type { EventHub } from './event-hub.ts';
import type { SafelightProblem } from './problem.ts';
import { request, type AnswerOf, type CallOptions, type Connection, type RequestInput } from './request.ts';
import { watch } from './watch.ts';

export type JobQuery = NonNullable<RequestInput<'listJobs'>['query']>;
export type WaitOptions = {
  signal?: AbortSignal | undefined;
  onChange?: ((job: Job) => void) | undefined;
  /** What it could not be read for just now; it goes on trying. */
  onTrouble?: ((problem: SafelightProblem) => void) | undefined;
};

/** Work that goes on at the server: processing, generation, upkeep. */
export interface JobsResource {
  /** One page, newest first. */
  list: (query?: JobQuery, options?: CallOptions) => Promise<JobList>;
  read: (id: string, options?: CallOptions) => Promise<Job>;
  /** Resolves with the job once it has ended, however that was; tells on the way what really happens. */
  wait: (id: string, options?: WaitOptions) => Promise<Job>;
  /** Cancelling twice is the same as once; a job that has ended stays as it ended. */
  cancel: (id: string, options?: CallOptions) => Promise<Job>;
  /** A failed generation once more, as a new job; `mayCostAgain` says whether the failed one may have been paid for. */
  retry: (id: string, options?: CallOptions) => Promise<AnswerOf<'retryJob'>>;
}

/** @internal */
export function jobsResource(connection: Connection, hub: EventHub): JobsResource {
  const read: JobsResource['read'] = async (id, options = {}) => (await request(connection, 'readJob', { ...options, params: { id } })).job;
  return {
    list: (query = {}, options = {}) => request(connection, 'listJobs', { ...options, query }),
    read,
    async wait(id, { signal, onChange, onTrouble } = {}) {
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
    cancel: async (id, options = {}) => (await request(connection, 'cancelJob', { ...options, params: { id } })).job,
    retry: (id, options = {}) => request(connection, 'retryJob', { ...options, params: { id } }),
  };
}
