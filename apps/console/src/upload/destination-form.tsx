import { mostChars } from '@safelight/contract/limits';
import type { MediaRules } from '@safelight/contract/media-rules';

import { describeRules } from '../format/describe-rules.ts';
import type { Choice } from './use-destination.ts';

type DestinationFormProps = { all: readonly MediaRules[]; rules: MediaRules; choice: Choice; onChoose: (part: Partial<Choice>) => void };

/** Where the files go: the collection, what it belongs to, and what it is for. */
export function DestinationForm({ all, rules, choice, onChoose }: DestinationFormProps) {
  return (
    <div className="destination">
      <label className="field">
        <span className="field-label">Collection</span>
        <select value={choice.collection} onChange={(event) => onChoose({ collection: event.target.value })} aria-describedby="collection-rules">
          {all.map(({ collection }) => (
            <option key={collection}>{collection}</option>
          ))}
        </select>
      </label>
      {rules.entityType !== null && (
        <label className="field">
          <span className="field-label">
            <span className="capitalized">{rules.entityType}</span> it belongs to
          </span>
          <input
            value={choice.entityId}
            onChange={(event) => onChoose({ entityId: event.target.value })}
            placeholder="its id, for example 9f3"
            autoComplete="off"
            spellCheck={false}
            maxLength={mostChars.entityId}
            required
          />
        </label>
      )}
      {rules.purposes.length > 1 && (
        <label className="field">
          <span className="field-label">Purpose</span>
          <select value={choice.purpose} onChange={(event) => onChoose({ purpose: event.target.value })}>
            {rules.purposes.map((purpose) => (
              <option key={purpose}>{purpose}</option>
            ))}
          </select>
        </label>
      )}
      <p className="rules" id="collection-rules">
        {describeRules(rules).join(' · ')}
      </p>
    </div>
  );
}
