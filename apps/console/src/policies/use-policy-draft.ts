import { SafelightProblem, type PolicyWithEtag } from '@safelight/client';
import type { FieldProblem } from '@safelight/contract/errors';
import type { ReviewExisting } from '@safelight/contract/policies';
import { useState } from 'react';

import { useClient } from '../session/session.ts';
import { useToast } from '../shell/toast.ts';
import { changedFields, draftOf, rebaseDraft, rulesOf, type PolicyDraft } from './policy-draft.ts';

export type PolicyDraftOfHook = {
  base: PolicyWithEtag;
  draft: PolicyDraft;
  /** The names of what was changed here. */
  mine: readonly string[];
  /** Whether somebody else has changed the policy meanwhile. */
  behind: boolean;
  fields: readonly FieldProblem[];
  problem: unknown;
  refused: boolean;
  /** What becomes of existing photos, while that is asked. */
  asking: boolean;
  saving: boolean;
  change: (part: Partial<PolicyDraft>) => void;
  submit: () => void;
  save: (reviewExisting: ReviewExisting) => void;
  reapply: () => void;
  discard: () => void;
  stopAsking: () => void;
};

/**
 * Changes a policy as a whole. `base` is the version that the draft began with; `latest` the one there is. An untouched draft follows
 * the latest by itself; a touched one is never overwritten and never overwrites: it says what changed, and who edits decides.
 */
export function usePolicyDraft(latest: PolicyWithEtag, onSaved: () => void): PolicyDraftOfHook {
  const [base, setBase] = useState(latest);
  const [draft, setDraft] = useState<PolicyDraft>(() => draftOf(latest.policy));
  const [asking, setAsking] = useState(false);
  const mine = changedFields(draft, base.policy);
  const behind = latest.policy.version > base.policy.version;
  const saving = useSaving(latest.policy.collection, onSaved);
  const { forget } = saving;
  const begin = (from: PolicyWithEtag, next: PolicyDraft): void => {
    setBase(from);
    setDraft(next);
    forget();
  };
  if (behind && mine.length === 0) begin(latest, draftOf(latest.policy));
  const save = (reviewExisting?: ReviewExisting): void => {
    setAsking(false);
    void saving.save(draft, base, reviewExisting).then((saved) => saved && begin(saved, draftOf(saved.policy)));
  };
  return {
    ...saving,
    base,
    draft,
    mine,
    behind,
    asking,
    change: (part) => setDraft((before) => ({ ...before, ...part })),
    submit() {
      if (draft.photoReviewEnabled && !base.policy.photoReviewEnabled && rulesOf(draft).problems.length === 0) setAsking(true);
      else save();
    },
    save,
    reapply: () => begin(latest, rebaseDraft(draft, base.policy, latest.policy)),
    discard: () => begin(latest, draftOf(latest.policy)),
    stopAsking: () => setAsking(false),
  };
}

/** Sends a draft; what is wrong with it, or who was first. */
function useSaving(collection: string, onSaved: () => void) {
  const client = useClient();
  const toast = useToast();
  const [state, setState] = useState(nothingWrong);
  const save = async (draft: PolicyDraft, base: PolicyWithEtag, reviewExisting?: ReviewExisting): Promise<PolicyWithEtag | null> => {
    const { rules, problems: fields } = rulesOf(draft);
    setState((before) => ({ ...before, fields, problem: null, saving: fields.length === 0 }));
    if (fields.length > 0) return null;
    try {
      const saved = await client.policies.change(collection, rules, { ifMatch: base.etag ?? undefined, reviewExisting });
      toast({ text: `${collection} has its new policy, for the next request everywhere.` });
      onSaved();
      return saved;
    } catch (error) {
      const refused = error instanceof SafelightProblem && error.code === 'precondition_failed';
      const wrong = error instanceof SafelightProblem ? error.errors : [];
      setState((before) => ({ ...before, saving: false, ...(refused ? { refused } : wrong.length > 0 ? { fields: wrong } : { problem: error }) }));
      // The one that was first is read and shown; the draft stays.
      if (refused) onSaved();
      return null;
    }
  };
  return { ...state, save, forget: () => setState(nothingWrong) };
}

const nothingWrong: Pick<PolicyDraftOfHook, 'fields' | 'problem' | 'refused' | 'saving'> = { fields: [], problem: null, refused: false, saving: false };
