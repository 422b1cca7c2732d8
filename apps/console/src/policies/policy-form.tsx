import type { FieldProblem } from '@safelight/contract/errors';
import type { Policy, PolicyRules } from '@safelight/contract/media-rules';
import type { ReactNode } from 'react';

import { describeType } from '@safelight/contract/describe-type';
import { describeFieldProblem, describePolicyValue } from './describe-policy-value.ts';
import type { PolicyDraft } from './policy-draft.ts';
import { limitFields } from './policy-fields.ts';

type PolicyFormProps = {
  draft: PolicyDraft;
  problems: readonly FieldProblem[];
  /** What somebody else has changed since the draft was begun. */
  theirs: { by: string; policy: Policy; keys: readonly string[] } | null;
  onChange: (part: Partial<PolicyDraft>) => void;
  onSubmit: () => void;
  children: ReactNode;
};

// Written out rather than imported: the contract's own list comes with all of its schemas.
const providers = {
  disabled: 'disabled: every review fails',
  manual: 'manual: moderators decide',
  gemini: 'gemini',
  openai: 'openai',
  webhook: 'webhook: your own service',
} as const satisfies Record<PolicyRules['photoReviewProvider'], string>;
const isProvider = (name: string): name is PolicyRules['photoReviewProvider'] => Object.hasOwn(providers, name);

/** Every value of a policy, with what is wrong beside the field that it is wrong with. */
export function PolicyForm({ draft, problems, theirs, onChange, onSubmit, children }: PolicyFormProps) {
  // The server names an item of a list as `acceptedTypes.0`.
  const problemOf = (key: string): string | undefined => {
    const found = problems.find(({ field }) => field === key || field.startsWith(`${key}.`));
    return found && describeFieldProblem(key, found.message);
  };
  const marks = (key: string) => ({ 'aria-invalid': problemOf(key) !== undefined, 'aria-describedby': `${key}-hint` });
  const hint = (key: string, words: string) => (
    <span className="field-hint" id={`${key}-hint`}>
      {problemOf(key) === undefined ? words : <span className="field-problem">{problemOf(key)}</span>}
      {theirs?.keys.includes(key) && (
        <span className="field-theirs">
          {theirs.by} has changed this to {describePolicyValue(key, { ...theirs.policy }[key])}
        </span>
      )}
    </span>
  );
  return (
    <form
      className="policy-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      <fieldset>
        <legend>Limits</legend>
        <div className="policy-fields">
          {limitFields.map(({ key, label, hint: words }) => (
            <label key={key} className="field">
              <span className="field-label">{label}</span>
              <input
                value={draft[key]}
                placeholder="no limit"
                autoComplete="off"
                spellCheck={false}
                onChange={(event) => onChange({ [key]: event.target.value })}
                {...marks(key)}
              />
              {hint(key, words)}
            </label>
          ))}
        </div>
        <label className="field">
          <span className="field-label">Accepted types, one on each line</span>
          <textarea
            rows={4}
            spellCheck={false}
            value={draft.acceptedTypes}
            onChange={(event) => onChange({ acceptedTypes: event.target.value })}
            {...marks('acceptedTypes')}
          />
          {hint('acceptedTypes', draft.acceptedTypes.split(/\s+/).filter(Boolean).map(describeType).join(', '))}
        </label>
        <label className="check">
          <input
            type="checkbox"
            checked={draft.requireAudio}
            onChange={(event) => onChange({ requireAudio: event.target.checked })}
            {...marks('requireAudio')}
          />
          A video without sound is refused
        </label>
        {hint('requireAudio', draft.requireAudio ? 'Videos need sound.' : 'Silent videos are taken.')}
      </fieldset>
      <fieldset>
        <legend>Review</legend>
        <label className="check">
          <input
            type="checkbox"
            checked={draft.photoReviewEnabled}
            onChange={(event) => onChange({ photoReviewEnabled: event.target.checked })}
            {...marks('photoReviewEnabled')}
          />
          A photo stays hidden until a review allows it
        </label>
        {hint(
          'photoReviewEnabled',
          draft.photoReviewEnabled ? 'Gate on: what is ready waits for the reviewer.' : 'Gate off: what is ready is shown; what was rejected stays hidden.',
        )}
        <label className="field">
          <span className="field-label">Reviewer</span>
          <select
            value={draft.photoReviewProvider}
            onChange={(event) => isProvider(event.target.value) && onChange({ photoReviewProvider: event.target.value })}
            {...marks('photoReviewProvider')}
          >
            {Object.entries(providers).map(([name, words]) => (
              <option key={name} value={name}>
                {words}
              </option>
            ))}
          </select>
          {hint('photoReviewProvider', 'Whose answer opens the gate.')}
        </label>
      </fieldset>
      {children}
    </form>
  );
}
