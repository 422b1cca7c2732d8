'use client';
import type { Job, Store } from '@safelight/client';
import { useCallback, useMemo } from 'react';

import { createJobStore, noJob, type JobSnapshot } from './job.ts';
import { useSafelightClient, type ServiceOptions } from './use-client.ts';
import { useStore } from './use-store.ts';

export type JobOfHook = JobSnapshot & { progress: number | null; isDone: boolean; cancel: () => Promise<Job | null> };

const nothing: Store<JobSnapshot> = { subscribe: () => () => undefined, getSnapshot: () => noJob };

/** The current state of a job, with its real progress. Null follows nothing. */
export function useJob(jobId: string | null | undefined, options: ServiceOptions = {}): JobOfHook {
  const client = useSafelightClient(options);
  const snapshot = useStore(
    useMemo(() => (jobId ? createJobStore(client, jobId) : nothing), [client, jobId]),
    noJob,
  );
  const cancel = useCallback(async () => (jobId ? await client.jobs.cancel(jobId) : null), [client, jobId]);
  const { state, progress = null } = snapshot.job ?? {};
  return { ...snapshot, progress, isDone: /^(complete|failed|cancelled)$/.test(state ?? ''), cancel };
}
