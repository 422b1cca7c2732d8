'use client';
import type { Client, Job, Media, SafelightProblem } from '@safelight/client';
import { useCallback, useEffect, useRef, useState } from 'react';

import { asError } from './as-error.ts';
import { createJobStore, hasEnded } from './job.ts';
import { useSafelightClient, type ServiceOptions } from './use-client.ts';

type ImageRequest = Parameters<Client['generate']['image']>[0];
type VideoRequest = Parameters<Client['generate']['video']>[0];
export type GenerateRequest = ({ kind?: 'image' | undefined } & ImageRequest) | ({ kind: 'video' } & VideoRequest);
export type Usage = Awaited<ReturnType<Client['generate']['usage']>>;

export type GenerateState = {
  job: Job | null;
  media: readonly Media[];
  /** What did not come, where only a part did. */
  failures: readonly { index: number; message: string }[];
  isGenerating: boolean;
  error: SafelightProblem | null;
};

export type Generate = GenerateState & {
  /** Resolves with what was stored; rejects with the reason. */
  generate: (asked: GenerateRequest) => Promise<readonly Media[]>;
  /** Follows one that was begun before, for example after a reload. */
  follow: (jobId: string) => Promise<readonly Media[]>;
  cancel: () => Promise<void>;
  reset: () => void;
  usage: Usage | null;
};

const idle: GenerateState = { job: null, media: [], failures: [], isGenerating: false, error: null };

/** Has pictures and videos made, with real progress. A generation goes on at the server when the component goes away. */
export function useGenerate(options: ServiceOptions = {}): Generate {
  const client = useSafelightClient(options);
  const [state, setState] = useState(idle);
  const [usage, setUsage] = useState<Usage | null>(null);
  const leave = useRef<(() => void) | null>(null);
  const running = useRef<string | null>(null);
  /** Asked for before it was known what to cancel. */
  const unwanted = useRef(false);

  useEffect(() => () => leave.current?.(), []);
  const { isGenerating } = state;
  useEffect(() => {
    if (isGenerating) return undefined;
    const own = new AbortController();
    // Somebody who may not generate has none.
    client.generate.usage({ signal: own.signal }).then(setUsage, () => undefined);
    return () => own.abort();
  }, [client, isGenerating]);

  const follow = useCallback(
    async (jobId: string) => {
      leave.current?.();
      running.current = jobId;
      setState({ ...idle, isGenerating: true });
      try {
        const job = await ended(
          client,
          jobId,
          (stop) => (leave.current = stop),
          (now) => setState((before) => ({ ...before, job: now })),
        );
        const { media, failures } = await resultOf(client, job);
        setState((before) => ({ ...before, media, failures, isGenerating: false }));
        return media;
      } catch (error) {
        const problem = asError(error);
        setState((before) => ({ ...before, isGenerating: false, error: problem }));
        throw problem;
      }
    },
    [client],
  );
  const generate = useCallback(
    async (asked: GenerateRequest) => {
      running.current = null;
      unwanted.current = false;
      setState({ ...idle, isGenerating: true });
      const begin = async (): Promise<string> => {
        if (asked.kind !== 'video') {
          const { kind: _, ...wanted } = asked;
          return (await client.generate.image(wanted)).jobId;
        }
        const { kind: _, ...wanted } = asked;
        return (await client.generate.video(wanted)).jobId;
      };
      let jobId: string;
      try {
        jobId = await begin();
        if (unwanted.current) await client.jobs.cancel(jobId);
      } catch (error) {
        const problem = asError(error);
        setState({ ...idle, error: problem });
        throw problem;
      }
      return await follow(jobId);
    },
    [client, follow],
  );
  const cancel = useCallback(async () => {
    if (running.current === null) unwanted.current = true;
    else await client.jobs.cancel(running.current);
  }, [client]);
  const reset = useCallback(() => setState(idle), []);
  return { ...state, generate, follow, cancel, reset, usage };
}

/** The job once it has ended; never settles when nobody listens any more. */
const ended = (client: Client, jobId: string, onLeave: (stop: () => void) => void, onChange: (job: Job) => void): Promise<Job> =>
  new Promise((resolve, reject) => {
    const store = createJobStore(client, jobId);
    const stop = store.subscribe(() => {
      const { job, error } = store.getSnapshot();
      if (job) onChange(job);
      if (job && hasEnded(job)) resolve(job);
      else if (error && !error.retryable) reject(error);
      else return;
      stop();
    });
    onLeave(stop);
  });

type Result = { media?: Media[]; failures?: { index: number; message: string }[] };

async function resultOf(
  client: Client,
  { state, error, result }: Job,
): Promise<{ media: readonly Media[]; failures: readonly { index: number; message: string }[] }> {
  const { media = [], failures = [] } = (result ?? {}) as Result;
  if (state !== 'complete') throw new Error(error?.message ?? 'It was cancelled.');
  // As they are now: addresses of what waits for a review are signed for a while.
  const now = await Promise.all(media.map(async (one) => await client.media.read(one.id).catch(() => one)));
  return { media: now, failures };
}
