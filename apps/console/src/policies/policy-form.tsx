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
export function PolicyForm({ children, onSubmit, ...props }: PolicyFormProps) {
  return (
    <form
      className="policy-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      <LimitFields {...props} />
      <ReviewFields {...props} />
      {children}
    </form>
  );
}

type FieldsProps = Pick<PolicyFormProps, 'draft' | 'problems' | 'theirs' | 'onChange'>;

function LimitFields({ draft, onChange, ...told }: FieldsProps) {
  return (
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
              {...marksOf(key, told)}
            />
            <Hint of={key} told={told}>
              {words}
            </Hint>
          </label>
        ))}
      </div>
      <label className="field">
        <span className="field-label">Accepted types, one on each line</span>
        <textarea
          rows={Math.min(12, Math.max(3, draft.acceptedTypes.split('\n').length))}
          spellCheck={false}
          value={draft.acceptedTypes}
          onChange={(event) => onChange({ acceptedTypes: event.target.value })}
          {...marksOf('acceptedTypes', told)}
        />
        <Hint of="acceptedTypes" told={told}>
          {draft.acceptedTypes.split(/\s+/).filter(Boolean).map(describeType).join(', ')}
        </Hint>
      </label>
      <label className="check">
        <input
          type="checkbox"
          checked={draft.requireAudio}
          onChange={(event) => onChange({ requireAudio: event.target.checked })}
          {...marksOf('requireAudio', told)}
        />
        A video without sound is refused
      </label>
      <Hint of="requireAudio" told={told}>
        {draft.requireAudio ? 'Videos need sound.' : 'Silent videos are accepted.'}
      </Hint>
    </fieldset>
  );
}

function ReviewFields({ draft, onChange, ...told }: FieldsProps) {
  return (
    <fieldset>
      <legend>Review</legend>
      <label className="check">
        <input
          type="checkbox"
          checked={draft.photoReviewEnabled}
          onChange={(event) => onChange({ photoReviewEnabled: event.target.checked })}
          {...marksOf('photoReviewEnabled', told)}
        />
        A photo stays hidden until a review allows it
      </label>
      <Hint of="photoReviewEnabled" told={told}>
        {draft.photoReviewEnabled ? 'Gate on: what is ready waits for the reviewer.' : 'Gate off: what is ready is shown; what was rejected stays hidden.'}
      </Hint>
      <label className="field">
        <span className="field-label">Reviewer</span>
        <select
          value={draft.photoReviewProvider}
          onChange={(event) => isProvider(event.target.value) && onChange({ photoReviewProvider: event.target.value })}
          {...marksOf('photoReviewProvider', told)}
        >
          {Object.entries(providers).map(([name, words]) => (
            <option key={name} value={name}>
              {words}
            </option>
          ))}
        </select>
        <Hint of="photoReviewProvider" told={told}>
          Whose answer opens the gate.
        </Hint>
      </label>
    </fieldset>
  );
}

type Told = Pick<PolicyFormProps, 'problems' | 'theirs'>;

/** The server names an item of a list as `acceptedTypes.0`. */
function problemOf(key: string, { problems }: Told): string | undefined {
  const found = problems.find(({ field }) => field === key || field.startsWith(`${key}.`));
  return found && describeFieldProblem(key, found.message);
}

const marksOf = (key: string, told: Told) => ({ 'aria-invalid': problemOf(key, told) !== undefined, 'aria-describedby': `${key}-hint` });

/** What a field is for, or what is wrong with it, and what somebody else has made of it. */
function Hint({ of: key, told, children }: { of: string; told: Told; children: ReactNode }) {
  const problem = problemOf(key, told);
  const { theirs } = told;
  return (
    <span className="field-hint" id={`${key}-hint`}>
      {problem === undefined ? children : <span className="field-problem">{problem}</span>}
      {theirs?.keys.includes(key) && (
        <span className="field-theirs">
          {theirs.by} has changed this to {describePolicyValue(key, { ...theirs.policy }[key])}
        </span>
      )}
    </span>
  );
}
