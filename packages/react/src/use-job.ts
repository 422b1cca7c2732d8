'use client';
import type { Job } from '@safelight/client';
import { useCallback, useMemo, useSyncExternalStore } from 'react';

import { createJobStore, hasEnded, noJob, type JobSnapshot } from './job.ts';
import { useSafelightClient, type ServiceOptions } from './use-client.ts';

export type JobOfHook = JobSnapshot & { progress: number | null; isDone: boolean; cancel: () => Promise<Job | null> };

const nothing = (): (() => void) => () => undefined;

/** A job as it is now, with what really happened of it. Null follows nothing. */
export function useJob(jobId: string | null | undefined, options: ServiceOptions = {}): JobOfHook {
  const client = useSafelightClient(options);
  const store = useMemo(() => (jobId ? createJobStore(client, jobId) : null), [client, jobId]);
  const snapshot = useSyncExternalStore(store?.subscribe ?? nothing, store?.getSnapshot ?? (() => noJob), () => noJob);
  const cancel = useCallback(async () => (jobId ? await client.jobs.cancel(jobId) : null), [client, jobId]);
  return { ...snapshot, progress: snapshot.job?.progress ?? null, isDone: hasEnded(snapshot.job), cancel };
}
