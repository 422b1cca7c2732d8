import { SafelightProblem, type PolicyWithEtag } from '@safelight/client';
import type { FieldProblem } from '@safelight/contract/errors';
import type { ReviewExisting } from '@safelight/contract/policies';
import { useState } from 'react';

import { ProblemNotice } from '../parts/problem-notice.tsx';
import { useClient } from '../session/session.ts';
import { useToast } from '../shell/toast.ts';
import { ConflictNotice } from './conflict-notice.tsx';
import { GateDialog } from './gate-dialog.tsx';
import { changedBetween, changedFields, draftOf, rebaseDraft, rulesOf, type PolicyDraft } from './policy-draft.ts';
import { PolicyForm } from './policy-form.tsx';

type PolicyEditorProps = { latest: PolicyWithEtag; onSaved: () => void };

/**
 * Changes a policy as a whole. `base` is the version that the draft began with; `latest` the one there is. An untouched draft follows
 * the latest by itself; a touched one is never overwritten and never overwrites: it says what changed, and whoever edits decides.
 */
export function PolicyEditor({ latest, onSaved }: PolicyEditorProps) {
  const client = useClient();
  const toast = useToast();
  const [base, setBase] = useState(latest);
  const [draft, setDraft] = useState<PolicyDraft>(() => draftOf(latest.policy));
  const [problem, setProblem] = useState<unknown>(null);
  const [fields, setFields] = useState<readonly FieldProblem[]>([]);
  const [asking, setAsking] = useState(false);
  const [saving, setSaving] = useState(false);
  const [refused, setRefused] = useState(false);
  const { collection } = latest.policy;
  const mine = changedFields(draft, base.policy);
  const behind = latest.policy.version > base.policy.version;

  const begin = (from: PolicyWithEtag, next: PolicyDraft): void => {
    setBase(from);
    setDraft(next);
    setProblem(null);
    setFields([]);
    setRefused(false);
  };
  if (behind && mine.length === 0) begin(latest, draftOf(latest.policy));

  const save = async (reviewExisting?: ReviewExisting): Promise<void> => {
    setAsking(false);
    const { rules, problems } = rulesOf(draft);
    setFields(problems);
    setProblem(null);
    if (problems.length > 0) return;
    setSaving(true);
    try {
      const saved = await client.policies.change(collection, rules, { ifMatch: base.etag ?? undefined, reviewExisting });
      begin(saved, draftOf(saved.policy));
      toast({ text: `${collection} has its new policy, for the next request everywhere.` });
      onSaved();
    } catch (error) {
      // The one that was first is read and shown; the draft stays.
      if (error instanceof SafelightProblem && error.code === 'precondition_failed') {
        setRefused(true);
        onSaved();
      } else if (error instanceof SafelightProblem && error.errors.length > 0) setFields(error.errors);
      else setProblem(error);
    } finally {
      setSaving(false);
    }
  };
  const submit = (): void => {
    if (draft.photoReviewEnabled && !base.policy.photoReviewEnabled && rulesOf(draft).problems.length === 0) setAsking(true);
    else void save();
  };

  return (
    <>
      <PolicyForm
        draft={draft}
        problems={fields}
        theirs={behind ? { by: latest.policy.updatedBy, policy: latest.policy, keys: changedBetween(base.policy, latest.policy) } : null}
        onChange={(part) => setDraft((before) => ({ ...before, ...part }))}
        onSubmit={submit}
      >
        {behind && mine.length > 0 && (
          <ConflictNotice
            base={base.policy}
            current={latest.policy}
            mine={mine}
            focused={refused}
            onReapply={() => begin(latest, rebaseDraft(draft, base.policy, latest.policy))}
            onDiscard={() => begin(latest, draftOf(latest.policy))}
          />
        )}
        {problem !== null && <ProblemNotice problem={problem} title="The policy was not saved" />}
        {fields.length > 0 && (
          <p className="notice bad" role="alert">
            {fields.length === 1 ? 'One value is' : `${fields.length} values are`} not right; nothing was saved.
          </p>
        )}
        <div className="actions">
          <button className="button primary" type="submit" disabled={mine.length === 0 || saving || behind}>
            {saving ? 'Saving…' : 'Save the policy'}
          </button>
          {mine.length > 0 && (
            <button className="button quiet" type="button" onClick={() => begin(latest, draftOf(latest.policy))}>
              Undo my changes
            </button>
          )}
          {mine.length > 0 && <span className="fine">{mine.length === 1 ? 'One value' : `${mine.length} values`} changed</span>}
        </div>
      </PolicyForm>
      {asking && (
        <GateDialog
          collection={collection}
          provider={draft.photoReviewProvider}
          onChoose={(existing) => void save(existing)}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  );
}
