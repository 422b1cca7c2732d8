import type { Media } from '@safelight/client';
import type { useSafelightClient } from '@safelight/react';

export type Model = Awaited<ReturnType<ReturnType<typeof useSafelightClient>['generate']['models']>>[number];

export const nameOf = ({ provider, model }: Model): string => `${provider} · ${model}`;

type FieldsProps = {
  library: readonly Media[];
  model: Model | undefined;
  usable: readonly Model[];
  isVideo: boolean;
  onChoose: (name: string) => void;
};

/** What the chosen model can be asked for. */
export function Fields({ model, usable, library, isVideo, onChoose }: FieldsProps): React.JSX.Element {
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
          <input name="n" type="number" min={1} max={model?.maxN ?? 4} defaultValue={1} required />
        </label>
      )}
      <label>
        Seed
        <input name="seed" type="number" min={0} placeholder="any" disabled={model?.seed === false} />
      </label>
      {model?.inputs.includes(isVideo ? 'first_frame' : 'image') === true && (
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
      )}
    </div>
  );
}
