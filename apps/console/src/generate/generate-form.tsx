import type { GenerationModel } from '@safelight/contract/generation';
import { mostChars } from '@safelight/contract/limits';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';

import { ProblemNotice } from '../parts/problem-notice.tsx';
import { useClient } from '../session/session.ts';
import { ChoiceField } from './choice-field.tsx';
import { describePrice } from './describe-cost.ts';
import { InputList } from './input-list.tsx';
import { emptyDraft, kindOf, requestOf, unitsOf, type Draft } from './request-of.ts';

type GenerateFormProps = { models: readonly GenerationModel[]; onStarted: (jobId: string, prompt: string) => void };

type Asked = { kind: ReturnType<typeof kindOf>; request: ReturnType<typeof requestOf>; prompt: string };

const nameOf = ({ provider, model }: GenerationModel): string => `${provider} ${model}`;

/** What is asked of whom. It shows what the chosen model takes, and nothing that it lacks. */
export function GenerateForm({ models, onStarted }: GenerateFormProps) {
  const client = useClient();
  const [name, setName] = useState('');
  const [draft, setDraft] = useState<Draft>(emptyDraft);
  const model = models.find((one) => nameOf(one) === name) ?? models.find(({ available }) => available) ?? models[0];
  const { mutate, error, isPending } = useMutation({
    mutationFn: async ({ request, ...of }: Asked) => ({ ...of, jobId: (await client.generate[of.kind](request)).jobId }),
    onSuccess: ({ jobId, prompt }) => onStarted(jobId, prompt),
  });
  if (model === undefined) return null;
  const change = (part: Partial<Draft>): void => setDraft((before) => ({ ...before, ...part }));
  const kind = kindOf(model);
  const price = describePrice(model, unitsOf(model, draft));

  return (
    <form
      className="generate-form"
      aria-label="What to make"
      onSubmit={(event) => {
        event.preventDefault();
        mutate({ kind, request: requestOf(model, draft), prompt: draft.prompt });
      }}
    >
      <label className="field generate-prompt">
        <span className="field-label">Prompt</span>
        <textarea dir="auto" value={draft.prompt} onChange={(event) => change({ prompt: event.target.value })} rows={4} maxLength={mostChars.prompt} required />
      </label>
      <Choices models={models} model={model} draft={draft} onModel={setName} onChange={change} />
      {model.inputs.length > 0 && <InputList roles={model.inputs} inputs={draft.inputs} onChange={(inputs) => change({ inputs })} />}
      {error !== null && <ProblemNotice problem={error} title="The request was refused" />}
      <div className="actions">
        <button className="button primary" type="submit" aria-disabled={isPending} disabled={!model.available}>
          {isPending ? 'Asking…' : 'Generate'}
        </button>
        <p className="fine" id="model-words">
          {model.available ? [price, endOf(model)].filter((words) => words !== null).join(' · ') : model.reason}
        </p>
      </div>
    </form>
  );
}

type ChoicesProps = {
  models: readonly GenerationModel[];
  model: GenerationModel;
  draft: Draft;
  onModel: (name: string) => void;
  onChange: (part: Partial<Draft>) => void;
};

/** Which model, and what of it can be chosen. */
function Choices({ models, model, draft, onModel, onChange }: ChoicesProps) {
  return (
    <div className="generate-choices">
      <label className="field generate-model">
        <span className="field-label">Model</span>
        <select value={nameOf(model)} onChange={(event) => onModel(event.target.value)} aria-describedby="model-words">
          {models.map((one) => (
            <option key={nameOf(one)} value={nameOf(one)} disabled={!one.available}>
              {one.provider}: {one.model}, {kindOf(one) === 'image' ? 'pictures' : 'videos'}
              {one.available ? '' : ', not available'}
            </option>
          ))}
        </select>
      </label>
      {kindOf(model) === 'image' && model.maxN > 1 && (
        <label className="field">
          <span className="field-label">How many</span>
          <input type="number" min={1} max={model.maxN} value={draft.n} onChange={(event) => onChange({ n: Number(event.target.value) })} required />
        </label>
      )}
      <ChoiceField label="Size" values={model.sizes ?? []} value={draft.size} onChange={(size) => onChange({ size })} />
      <ChoiceField label="Aspect ratio" values={model.aspectRatios} value={draft.aspectRatio} onChange={(aspectRatio) => onChange({ aspectRatio })} />
      <ChoiceField label="Resolution" values={model.resolutions} value={draft.resolution} onChange={(resolution) => onChange({ resolution })} />
      <ChoiceField label="Quality" values={model.qualities} value={draft.quality} onChange={(quality) => onChange({ quality })} />
      <ChoiceField label="Seconds" values={model.durations} value={draft.seconds} onChange={(seconds) => onChange({ seconds })} />
      {model.seed && (
        <label className="field">
          <span className="field-label">Seed</span>
          <input inputMode="numeric" pattern="\d{1,9}" placeholder="any" value={draft.seed} onChange={(event) => onChange({ seed: event.target.value })} />
        </label>
      )}
    </div>
  );
}

const endOf = ({ shutdownDate }: GenerationModel): string | null => (shutdownDate === null ? null : `its provider ends this model on ${shutdownDate}`);
