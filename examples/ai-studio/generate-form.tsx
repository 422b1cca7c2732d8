import type { Media } from '@safelight/client';
import type { GenerateRequest, useSafelightClient } from '@safelight/react';
import { useState } from 'react';

import { textOf } from '../shared/text-of.ts';

export type Model = Awaited<ReturnType<ReturnType<typeof useSafelightClient>['generate']['models']>>[number];

export type GenerateFormProps = {
  models: readonly Model[];
  library: readonly Media[];
  isGenerating: boolean;
  onSubmit: (asked: GenerateRequest) => void;
  onCancel: () => void;
};

const nameOf = ({ provider, model }: Model): string => `${provider} · ${model}`;

/** The form offers what the chosen model supports. */
export function GenerateForm({ models, library, isGenerating, onSubmit, onCancel }: GenerateFormProps): React.JSX.Element {
  const usable = models.filter(({ available }) => available);
  const [chosen, setChosen] = useState('');
  const model = usable.find((one) => nameOf(one) === chosen) ?? usable[0];
  const isVideo = model?.kinds.includes('video') === true;

  const submit = (form: FormData): void => {
    const text = (name: string): string => textOf(form, name);
    const mediaId = text('input');
    const asked = {
      prompt: text('prompt'),
      ...(model && { provider: model.provider, model: model.model }),
      ...(text('seed') !== '' && { seed: Number(text('seed')) }),
      // Only the development provider can rehearse a failure.
      ...(form.has('rehearse') && { providerOptions: { local: { fail: true as const, failIndex: 1 } } }),
    };
    if (isVideo) {
      const inputs = mediaId === '' ? [] : [{ mediaId, role: 'first_frame' as const }];
      return onSubmit({ kind: 'video', ...asked, durationSeconds: model?.durations[0] ?? 4, inputs });
    }
    onSubmit({ ...asked, n: Number(text('n')), inputs: mediaId === '' ? [] : [{ mediaId, role: 'image' }] });
  };
  return (
    <form
      className="card"
      onSubmit={(event) => {
        // Not an `action`, which would empty the fields: a prompt is often asked for again, a little changed.
        event.preventDefault();
        submit(new FormData(event.currentTarget));
      }}
    >
      <label className="wide">
        Prompt
        <textarea name="prompt" rows={3} required maxLength={32_000} defaultValue="A darkroom, lit red" />
      </label>
      <Fields model={model} usable={usable} library={library} isVideo={isVideo} onChoose={setChosen} />
      {model?.provider === 'local' && (
        <label className="check">
          <input type="checkbox" name="rehearse" /> Let the second picture fail, to see what that looks like
        </label>
      )}
      <p className="row">
        <button className="first" disabled={isGenerating || !model}>
          Generate
        </button>
        {isGenerating && (
          <button type="button" onClick={onCancel}>
            Cancel
          </button>
        )}
      </p>
    </form>
  );
}

type FieldsProps = Pick<GenerateFormProps, 'library'> & {
  model: Model | undefined;
  usable: readonly Model[];
  isVideo: boolean;
  onChoose: (name: string) => void;
};

function Fields({ model, usable, library, isVideo, onChoose }: FieldsProps): React.JSX.Element {
  return (
    <div className="fields">
      <label>
        Model
        <select value={model ? nameOf(model) : ''} onChange={({ target }) => onChoose(target.value)}>
          {usable.map((one) => (
            <option key={nameOf(one)}>{nameOf(one)}</option>
          ))}
        </select>
      </label>
      {!isVideo && (
        <label>
          How many
          <input name="n" type="number" min={1} max={model?.maxN ?? 4} defaultValue={1} />
        </label>
      )}
      <label>
        Seed
        <input name="seed" type="number" min={0} placeholder="any" disabled={model?.seed === false} />
      </label>
      <label>
        Begin from
        <select name="input" defaultValue="">
          <option value="">nothing</option>
          {library.map(({ id, originalFileName, altText, generated }) => (
            <option key={id} value={id}>
              {altText ?? generated?.prompt ?? originalFileName ?? id}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}
