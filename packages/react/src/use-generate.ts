'use client';
import { asProblem, createStore, type Client, type Job, type Media, type SafelightProblem } from '@safelight/client';
import { useEffect, useMemo, useState } from 'react';

import { useSafelightClient, type ServiceOptions } from './use-client.ts';
import { useStore } from './use-store.ts';

type ImageRequest = Parameters<Client['generate']['image']>[0];
type VideoRequest = Parameters<Client['generate']['video']>[0];
export type GenerateRequest = ({ kind?: 'image' | undefined } & ImageRequest) | ({ kind: 'video' } & VideoRequest);
export type Usage = Awaited<ReturnType<Client['generate']['usage']>>;

export type GenerateState = {
  job: Job | null;
  media: readonly Media[];
  /** The results that failed, if only some failed. */
  failures: readonly { index: number; message: string }[];
  isGenerating: boolean;
  error: SafelightProblem | null;
};

export type Generate = GenerateState & {
  /** Resolves with the stored results; rejects with the reason. */
  generate: (asked: GenerateRequest) => Promise<readonly Media[]>;
  /** Follows a generation that was started before, for example after a reload. */
  follow: (jobId: string) => Promise<readonly Media[]>;
  cancel: () => Promise<void>;
  reset: () => void;
  usage: Usage | null;
};

const idle: GenerateState = { job: null, media: [], failures: [], isGenerating: false, error: null };

/** One generation at a time: a new one replaces the previous one. */
function createGeneration(client: Client) {
  const { change, subscribe, getSnapshot } = createStore(idle);
  let own = new AbortController();
  let jobId: string | null = null;
  /** Cancelled before the job's id was known. */
  let isUnwanted = false;

  const run = async (begun: Promise<string>): Promise<readonly Media[]> => {
    own.abort();
    const { signal } = (own = new AbortController());
    jobId = null;
    isUnwanted = false;
    change({ ...idle, isGenerating: true });
    try {
      const id = await begun;
      if (signal === own.signal) {
        jobId = id;
        if (isUnwanted) await client.jobs.cancel(id);
      }
      const result = await resultOf(client, await client.jobs.wait(id, { signal, onChange: (job) => change({ job }) }));
      if (!signal.aborted) change({ ...result, isGenerating: false });
      return result.media;
    } catch (error) {
      if (signal.aborted) throw error;
      const problem = asProblem(error);
      change({ isGenerating: false, error: problem });
      throw problem;
    }
  };
  const told = (begun: Promise<string>): Promise<readonly Media[]> => {
    const made = run(begun);
    // Code that only watches the state must not also get an unhandled rejection.
    made.catch(() => undefined);
    return made;
  };
  return {
    store: { subscribe, getSnapshot },
    generate: ({ kind, ...asked }: GenerateRequest) =>
      told((kind === 'video' ? client.generate.video(asked as VideoRequest) : client.generate.image(asked as ImageRequest)).then((answer) => answer.jobId)),
    follow: (id: string) => told(Promise.resolve(id)),
    async cancel() {
      if (jobId === null) isUnwanted = true;
      else await client.jobs.cancel(jobId).catch((error: unknown) => change({ error: asProblem(error) }));
    },
    reset() {
      own.abort();
      change(idle);
    },
    leave: () => own.abort(),
  };
}

/** Generates pictures and videos, with real progress. The generation continues on the server when the component unmounts. */
export function useGenerate(options: ServiceOptions = {}): Generate {
  const client = useSafelightClient(options);
  const { store, leave, ...actions } = useMemo(() => createGeneration(client), [client]);
  const state = useStore(store, idle);
  const [usage, setUsage] = useState<Usage | null>(null);
  useEffect(() => leave, [leave]);
  const { isGenerating } = state;
  useEffect(() => {
    if (isGenerating) return undefined;
    const own = new AbortController();
    // A user who may not generate has no usage.
    client.generate.usage({ signal: own.signal }).then(setUsage, () => undefined);
    return () => own.abort();
  }, [client, isGenerating]);
  return { ...state, ...actions, usage };
}

type Result = { media?: Media[]; failures?: { index: number; message: string }[] };

async function resultOf(
  client: Client,
  { state, error, result }: Job,
): Promise<{ media: readonly Media[]; failures: readonly { index: number; message: string }[] }> {
  const { media = [], failures = [] } = (result ?? {}) as Result;
  if (state !== 'complete') throw new Error(error?.message ?? 'It was cancelled.');
  // Read again, because the signed URLs of media that wait for review expire.
  const now = await Promise.all(media.map(async (one) => await client.media.read(one.id).catch(() => one)));
  return { media: now, failures };
}
