import { useState } from 'react';

import { titleOf } from '../media/title-of.ts';
import { Icon } from '../parts/icon.tsx';
import { PictureDialog } from './picture-dialog.tsx';
import type { Input } from './request-of.ts';

type InputListProps = { roles: readonly string[]; inputs: readonly Input[]; onChange: (inputs: readonly Input[]) => void };

/** The pictures of the library that a request begins from, and what each is for. */
export function InputList({ roles, inputs, onChange }: InputListProps) {
  const [isChoosing, setChoosing] = useState(false);
  const taken = inputs.filter(({ role }) => roles.includes(role));
  const [first = 'image'] = roles;
  return (
    <fieldset className="generate-inputs">
      <legend className="field-label">Pictures to begin from</legend>
      <ul hidden={taken.length === 0}>
        {taken.map((input) => (
          <li key={input.mediaId}>
            <span className="tile-name" dir="auto" title={input.name}>
              {input.name}
            </span>
            <select
              value={input.role}
              aria-label={`What ${input.name} is for`}
              onChange={(event) => onChange(inputs.map((one) => (one.mediaId === input.mediaId ? { ...one, role: event.target.value } : one)))}
            >
              {roles.map((role) => (
                <option key={role} value={role}>
                  {role.replace('_', ' ')}
                </option>
              ))}
            </select>
            <button
              className="icon-button"
              type="button"
              aria-label={`Without ${input.name}`}
              title="Without it"
              onClick={() => onChange(inputs.filter(({ mediaId }) => mediaId !== input.mediaId))}
            >
              <Icon name="close" />
            </button>
          </li>
        ))}
      </ul>
      <button className="button small" type="button" onClick={() => setChoosing(true)}>
        Choose from the library
      </button>
      {isChoosing && (
        <PictureDialog
          onClose={() => setChoosing(false)}
          onChosen={(media) => {
            setChoosing(false);
            const input = { mediaId: media.id, role: first, name: titleOf(media) };
            onChange([...inputs.filter(({ mediaId }) => mediaId !== media.id), input]);
          }}
        />
      )}
    </fieldset>
  );
}
