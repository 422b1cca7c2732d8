import type { Job, JobList, ListJobsQuery } from '@safelight/contract/api';

import type { EventHub } from './event-hub.ts';
import type { SafelightProblem } from './problem.ts';
import { request, type AnswerOf, type CallOptions, type Connection } from './request.ts';
import { watch } from './watch.ts';

export type WaitOptions = {
  signal?: AbortSignal | undefined;
  onChange?: ((job: Job) => void) | undefined;
  /** Called when the job could not be read; reading is tried again. */
  onTrouble?: ((problem: SafelightProblem) => void) | undefined;
};

/** Work on the server: processing, generation, upkeep. */
export interface JobsResource {
  /** One page, newest first. */
  list: (query?: ListJobsQuery, options?: CallOptions) => Promise<JobList>;
  read: (id: string, options?: CallOptions) => Promise<Job>;
  /** Resolves with the job once it has ended, in whichever final state; reports real progress on the way. */
  wait: (id: string, options?: WaitOptions) => Promise<Job>;
  /** Safe to repeat; a job that has ended keeps its state. */
  cancel: (id: string, options?: CallOptions) => Promise<Job>;
  /** Retries a failed generation as a new job; `mayCostAgain` says whether the failed one may have been paid for. */
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
