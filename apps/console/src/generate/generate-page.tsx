import type { Job } from '@safelight/contract/jobs';
import { useState } from 'react';

import { EmptyState } from '../parts/empty-state.tsx';
import { ProblemNotice } from '../parts/problem-notice.tsx';
import { GenerateForm } from './generate-form.tsx';
import { GenerationCard } from './generation-card.tsx';
import { AllowanceLine } from './allowance-line.tsx';
import { useGenerations } from './use-generations.ts';
import { useMakers } from './use-makers.ts';

const none: readonly Job[] = [];

/** Pictures and videos by request: who can make them here, what that costs, and what became of the requests. */
export function GeneratePage() {
  const makers = useMakers();
  const { data: items = none, error: problem, isPending, refetch } = useGenerations();
  const [prompts, setPrompts] = useState<Readonly<Record<string, string>>>({});
  const refresh = (): void => {
    void refetch();
    void makers.refetch();
  };
  const { data: value, error } = makers;
  return (
    <div className="generate-page">
      <header className="page-head">
        <div>
          <h1>Generate</h1>
          <p className="soft">Stored and processed like uploads before they are shown here, and marked as made by a machine in every public file.</p>
        </div>
      </header>
      {error !== null && <ProblemNotice problem={error} title="The models could not be read" onRetry={() => void makers.refetch()} />}
      {value === undefined && error === null && <div className="skeleton jobs-skeleton" role="status" aria-label="Reading the models" />}
      {value !== undefined && <AllowanceLine usage={value.usage} />}
      {value !== undefined && value.models.length === 0 && (
        <EmptyState icon="generate" title="No model is configured">
          <p className="soft">
            Set <code>OPENAI_API_KEY</code>, <code>GEMINI_API_KEY</code> or <code>SAFELIGHT_GENERATION_URL</code>, and start the server again.
          </p>
        </EmptyState>
      )}
      {value !== undefined && value.models.length > 0 && (
        <GenerateForm
          models={value.models}
          onStarted={(jobId, prompt) => {
            setPrompts((before) => ({ ...before, [jobId]: prompt }));
            refresh();
          }}
        />
      )}
      <section aria-labelledby="generations">
        <h2 id="generations">Requests</h2>
        {problem !== null && <ProblemNotice problem={problem} title="The requests could not be read" onRetry={() => void refetch()} />}
        {isPending && problem === null && <div className="skeleton jobs-skeleton" role="status" aria-label="Reading the requests" />}
        {items.length === 0 && !isPending && problem === null && <p className="soft">Nothing has been requested yet.</p>}
        <ul className="generations">
          {items.map((job) => (
            <GenerationCard key={job.id} job={job} prompt={prompts[job.id]} onChanged={refresh} />
          ))}
        </ul>
      </section>
    </div>
  );
}
