import { expect, test } from 'vitest';

import { describeFieldProblem, describePolicyValue } from './describe-policy-value.ts';

test('formats values for people', () => {
  expect(describePolicyValue('maxBytes', 26_214_400)).toBe('25 MB');
  expect(describePolicyValue('maxItems', null)).toBe('no limit');
  expect(describePolicyValue('photoReviewEnabled', true)).toBe('on');
  expect(describePolicyValue('acceptedTypes', ['image/jpeg', '*/*'])).toBe('JPEG, any file');
});

test('translates the server’s messages into the units and names of the form', () => {
  expect(describeFieldProblem('maxBytes', 'at most 5368709120, the ceiling of this site')).toBe('At most 5 GB, the ceiling of this site');
  expect(describeFieldProblem('minAspectRatio', 'at most maxAspectRatio, which is 2: nothing could pass')).toBe(
    'At most “Widest aspect ratio”, which is 2: nothing could pass',
  );
});
