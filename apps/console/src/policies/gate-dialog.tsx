import type { PolicyRules } from '@safelight/contract/media-rules';
import type { ReviewExisting } from '@safelight/contract/policies';
import { useState } from 'react';

import { Dialog } from '../parts/dialog.tsx';

type GateDialogProps = { collection: string; provider: PolicyRules['photoReviewProvider']; onChoose: (existing: ReviewExisting) => void; onClose: () => void };

const choices = [
  ['review', 'Review them first', 'They are hidden at once and come back one by one as they are approved.'],
  ['grandfather', 'Let them pass', 'They stay as they are; only what is uploaded from now on waits.'],
] as const satisfies readonly (readonly [ReviewExisting, string, string])[];

/** Asked when the gate is turned on: what becomes of the photos that are there. */
export function GateDialog({ collection, provider, onChoose, onClose }: GateDialogProps) {
  const [existing, setExisting] = useState<ReviewExisting>('review');
  return (
    <Dialog label="Turn the review gate on" onClose={onClose}>
      <h2>Turn the review gate on</h2>
      <p className="soft">
        From now on a photo in <code>{collection}</code> stays hidden until a review allows it.
      </p>
      <form
        className="gate-form"
        onSubmit={(event) => {
          event.preventDefault();
          onChoose(existing);
        }}
      >
        <fieldset className="choices">
          <legend>And the photos that are there already?</legend>
          {choices.map(([name, title, words]) => (
            <div key={name} className="choice">
              <input
                id={`existing-${name}`}
                type="radio"
                name="existing"
                value={name}
                checked={existing === name}
                onChange={() => setExisting(name)}
                aria-describedby={`existing-${name}-words`}
              />
              <span>
                <label htmlFor={`existing-${name}`}>{title}</label>
                <span className="fine" id={`existing-${name}-words`}>
                  {words}
                </span>
              </span>
            </div>
          ))}
        </fieldset>
        {provider === 'disabled' && (
          <p className="notice warn">The reviewer is “disabled”: every review will fail, and photos wait until another one is chosen.</p>
        )}
        <div className="actions">
          <button className="button primary" type="submit">
            Turn it on
          </button>
          <button className="button quiet" type="button" onClick={onClose}>
            Not now
          </button>
        </div>
      </form>
    </Dialog>
  );
}
