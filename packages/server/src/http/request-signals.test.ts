import { expect, test } from 'vitest';

import { SafelightError } from '../lib/errors.ts';
import { isCallerGone } from './request-signals.ts';

const here = { destroyed: false };
const gone = { destroyed: true };
const reset = Object.assign(new Error('aborted'), { code: 'ECONNRESET' });

test('a fault that only follows from a caller who left is told from others', () => {
  expect(isCallerGone(reset, gone)).toBe(true);
  expect(isCallerGone(new SafelightError('storage_unavailable', 'It broke off.', { cause: reset }), gone)).toBe(true);
  // A bucket that resets its connection is one that somebody has to look at, and so is a mistake of ours.
  expect(isCallerGone(reset, here)).toBe(false);
  expect(isCallerGone(new TypeError('x is not a function'), gone)).toBe(false);
});
