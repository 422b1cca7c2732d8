import type { Media } from '@safelight/client';
import type { GenerateRequest } from '@safelight/react';
import { useRef, useState } from 'react';

import { textOf } from '../shared/text-of.ts';
import { Fields, nameOf, type Model } from './generate-fields.tsx';

export type GenerateFormProps = {
  models: readonly Model[];
  library: readonly Media[];
  isGenerating: boolean;
  onSubmit: (asked: GenerateRequest) => void;
  onCancel: () => void;
};

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
        if (!isGenerating && model) submit(new FormData(event.currentTarget));
      }}
    >
      <label className="wide">
        Prompt
        <textarea name="prompt" rows={3} required maxLength={32_000} defaultValue="A darkroom, lit red" />
      </label>
      <Fields model={model} usable={usable} library={library} isVideo={isVideo} onChoose={setChosen} />
      {model?.provider === 'local' && !isVideo && (
        <label className="check">
          <input type="checkbox" name="rehearse" /> Let the second picture fail, to see what that looks like
        </label>
      )}
      <Buttons isGenerating={isGenerating} isReady={!isGenerating && model !== undefined} onCancel={onCancel} />
    </form>
  );
}

type ButtonsProps = Pick<GenerateFormProps, 'isGenerating' | 'onCancel'> & { isReady: boolean };

function Buttons({ isGenerating, isReady, onCancel }: ButtonsProps): React.JSX.Element {
  const first = useRef<HTMLButtonElement>(null);
  const cancel = (): void => {
    // This button goes away with what it cancels.
    first.current?.focus();
    onCancel();
  };
  return (
    <p className="row">
      {/* Not `disabled`, which would take the focus from who pressed it by the keyboard. */}
      <button ref={first} className="first" aria-disabled={!isReady}>
        Generate
      </button>
      {isGenerating && (
        <button type="button" onClick={cancel}>
          Cancel
        </button>
      )}
    </p>
  );
}
