import { expect, test } from 'vitest';

import { rulesOf } from '../../../../packages/client/test/protocol-server.ts';
import { describeRules } from './describe-rules.ts';

const reason = 'ffmpeg was not found';
const lacking = (...types: string[]) => types.map((type) => ({ type, reason }));

test('what this server cannot process is not among what a collection takes, and the reason is said once', () => {
  const rules = rulesOf({ acceptedTypes: ['image/jpeg', 'video/mp4', 'video/webm'], unavailableTypes: lacking('video/mp4', 'video/webm') });
  expect(describeRules(rules).slice(0, 2)).toEqual(['JPEG', 'no MP4, WebM here: ffmpeg was not found']);
});

test('a collection of which this server can process nothing says that it takes nothing', () => {
  const rules = rulesOf({ acceptedTypes: ['video/mp4'], unavailableTypes: lacking('video/mp4') });
  expect(describeRules(rules).slice(0, 2)).toEqual(['takes nothing at this moment', 'no MP4 here: ffmpeg was not found']);
});

test('a server that can process everything says nothing of it', () => {
  expect(describeRules(rulesOf())[0]).toBe('JPEG');
  expect(describeRules(rulesOf()).join(' ')).not.toContain(' here');
});
