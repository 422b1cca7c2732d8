import type { PolicyRules } from '@safelight/contract/media-rules';
import { expect, test } from 'vitest';

import { changedFields, draftOf, rebaseDraft, rulesOf } from './policy-draft.ts';

const rules: PolicyRules = {
  batchSize: 20,
  maxBytes: 26_214_400,
  minWidth: null,
  minHeight: null,
  minAspectRatio: 0.5,
  maxAspectRatio: null,
  maxMegapixels: 50,
  maxDurationMs: null,
  maxFps: 240,
  maxVideoBitrate: null,
  requireAudio: false,
  maxItems: 100,
  acceptedTypes: ['image/jpeg', 'image/webp'],
  undoWindowSeconds: 30,
  photoReviewEnabled: false,
  photoReviewProvider: 'manual',
};

test('a policy is unchanged by the form', () => {
  expect(rulesOf(draftOf(rules))).toEqual({ rules, problems: [] });
  expect(changedFields(draftOf(rules), rules)).toEqual([]);
});

test('says which field is malformed, and which must not be empty', () => {
  const { problems } = rulesOf({ ...draftOf(rules), maxBytes: 'a lot', batchSize: '', minWidth: '' });
  expect(problems.map(({ field }) => field)).toEqual(['maxBytes', 'batchSize']);
});

test('keeps my changes if somebody else saved first, and takes the rest from them', () => {
  const mine = { ...draftOf(rules), maxItems: '40', minWidth: '600' };
  const theirs = { ...rules, maxItems: 80, batchSize: 5 };
  const rebased = rulesOf(rebaseDraft(mine, rules, theirs)).rules;
  expect(rebased).toEqual({ ...rules, maxItems: 40, minWidth: 600, batchSize: 5 });
});
