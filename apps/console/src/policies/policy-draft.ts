import type { FieldProblem } from '@safelight/contract/errors';
import type { Policy, PolicyRules } from '@safelight/contract/media-rules';

import { readValue, writeValue } from './human-value.ts';
import { limitFields, type LimitKey } from './policy-fields.ts';

/** A policy as it stands in the form: texts, so that half a number can be written. */
export type PolicyDraft = Record<LimitKey | 'acceptedTypes', string> & Pick<PolicyRules, 'requireAudio' | 'photoReviewEnabled' | 'photoReviewProvider'>;

export function draftOf(rules: PolicyRules): PolicyDraft {
  const limits = Object.fromEntries(limitFields.map(({ key, kind }) => [key, writeValue(kind, rules[key])])) as Record<LimitKey, string>;
  const { requireAudio, photoReviewEnabled, photoReviewProvider } = rules;
  return { ...limits, acceptedTypes: rules.acceptedTypes.join('\n'), requireAudio, photoReviewEnabled, photoReviewProvider };
}

/** The policy that a draft says, or what cannot be read in it. Whether it makes sense is the server's to say. */
export function rulesOf(draft: PolicyDraft): { rules: PolicyRules; problems: FieldProblem[] } {
  const problems: FieldProblem[] = [];
  const limits = Object.fromEntries(
    limitFields.map(({ key, kind, required, hint }) => {
      const value = readValue(kind, draft[key]);
      if (value === undefined) problems.push({ field: key, message: `“${draft[key]}” cannot be read; ${hint}` });
      else if (value === null && required === true) problems.push({ field: key, message: 'needs a value' });
      return [key, value ?? null];
    }),
  );
  const { requireAudio, photoReviewEnabled, photoReviewProvider } = draft;
  const acceptedTypes = draft.acceptedTypes.split(/[\s,;]+/).filter(Boolean);
  // The table of fields names every limit, and what is required is there unless a problem says otherwise.
  return { rules: { ...limits, acceptedTypes, requireAudio, photoReviewEnabled, photoReviewProvider } as PolicyRules, problems };
}

/** Which fields of the draft are not as in the policy that it began with. */
export function changedFields(draft: PolicyDraft, base: PolicyRules): (keyof PolicyDraft)[] {
  const before = draftOf(base);
  return (Object.keys(before) as (keyof PolicyDraft)[]).filter((key) => draft[key] !== before[key]);
}

/** What was changed in the draft, changed on top of another policy instead. */
export function rebaseDraft(draft: PolicyDraft, base: PolicyRules, onto: PolicyRules): PolicyDraft {
  const mine = Object.fromEntries(changedFields(draft, base).map((key) => [key, draft[key]]));
  return { ...draftOf(onto), ...mine };
}

/** Which values of a policy are others in a later version of it. */
export function changedBetween(base: Policy, current: Policy): string[] {
  const now: Readonly<Record<string, unknown>> = { ...current };
  return Object.entries(base).flatMap(([key, value]) => (describing.has(key) || JSON.stringify(value) === JSON.stringify(now[key]) ? [] : [key]));
}

/** Differ with every version and say nothing of their own. */
const describing = new Set(['version', 'updatedAt', 'updatedBy', 'collection']);
