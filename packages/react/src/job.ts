'use client';
import { asProblem, createStore, type Client, type Job, type SafelightProblem, type Store } from '@safelight/client';

export type JobSnapshot = { job: Job | null; error: SafelightProblem | null };

/** @internal */
export const noJob: JobSnapshot = { job: null, error: null };

/**
 * The current state of a job, until it has ended or nothing subscribes any more.
 * @internal
 */
export function createJobStore(client: Client, id: string): Store<JobSnapshot> {
  const store = createStore<JobSnapshot>(noJob, (signal) => {
    const onTrouble = (error: SafelightProblem): void => store.change({ error });
    client.jobs
      .wait(id, { signal, onChange: (job) => store.change({ job, error: null }), onTrouble })
      .catch((error: unknown) => signal.aborted || onTrouble(asProblem(error)));
  });
  return store;
}
