import type { PolicyWithEtag } from '@safelight/client';

import { ProblemNotice } from '../parts/problem-notice.tsx';
import { ConflictNotice } from './conflict-notice.tsx';
import { GateDialog } from './gate-dialog.tsx';
import { changedBetween } from './policy-draft.ts';
import { PolicyForm } from './policy-form.tsx';
import { usePolicyDraft, type PolicyDraftOfHook } from './use-policy-draft.ts';

type PolicyEditorProps = { latest: PolicyWithEtag; onSaved: () => void };

/** Changes a policy as a whole, and says what is in the way where the eyes are. */
export function PolicyEditor({ latest, onSaved }: PolicyEditorProps) {
  const editor = usePolicyDraft(latest, onSaved);
  const { base, draft, mine, behind, fields, problem, refused, asking } = editor;
  return (
    <>
      <PolicyForm
        draft={draft}
        problems={fields}
        theirs={behind ? { by: latest.policy.updatedBy, policy: latest.policy, keys: changedBetween(base.policy, latest.policy) } : null}
        onChange={editor.change}
        onSubmit={editor.submit}
      >
        {behind && mine.length > 0 && (
          <ConflictNotice base={base.policy} current={latest.policy} mine={mine} focused={refused} onReapply={editor.reapply} onDiscard={editor.discard} />
        )}
        {problem !== null && <ProblemNotice problem={problem} title="The policy was not saved" />}
        {fields.length > 0 && (
          <p className="notice bad" role="alert">
            {fields.length === 1 ? 'One value is' : `${fields.length} values are`} not right; nothing was saved.
          </p>
        )}
        <Buttons editor={editor} />
      </PolicyForm>
      {asking && <GateDialog collection={latest.policy.collection} provider={draft.photoReviewProvider} onChoose={editor.save} onClose={editor.stopAsking} />}
    </>
  );
}

function Buttons({ editor: { mine, saving, behind, discard } }: { editor: PolicyDraftOfHook }) {
  return (
    <div className="actions">
      <button className="button primary" type="submit" aria-disabled={mine.length === 0 || saving || behind}>
        {saving ? 'Saving…' : 'Save the policy'}
      </button>
      {mine.length > 0 && (
        <button className="button quiet" type="button" onClick={discard}>
          Undo my changes
        </button>
      )}
      {mine.length > 0 && <span className="fine">{mine.length === 1 ? 'One value' : `${mine.length} values`} changed</span>}
    </div>
  );
}
