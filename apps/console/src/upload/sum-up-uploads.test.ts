import { expect, test } from 'vitest';

import { describeSum } from './sum-up-uploads.ts';

test('says that the tab is needed until all files are sent, and what continues without it', () => {
  const sum = { files: 3, filesSent: 1, bytes: 9, bytesSent: 3, left: 0, isWaiting: false };
  expect(describeSum(sum)).toBe('1 of 3 sent. Leave this tab open.');
  expect(describeSum({ ...sum, isWaiting: true })).toBe('1 of 3 sent. Waiting, and going on by itself: leave this tab open.');
  expect(describeSum({ ...sum, filesSent: 3, left: 1 })).toBe('3 files arrived. One file not sent: see below.');
  expect(describeSum({ ...sum, files: 1, filesSent: 1 })).toBe('The file has arrived. You may close this tab.');
});
