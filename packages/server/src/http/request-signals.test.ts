import { expect, test } from 'vitest';

import { SafelightError } from '../lib/errors.ts';
import { isCallerGone } from './request-signals.ts';

const here = { destroyed: false };
const gone = { destroyed: true };
const reset = Object.assign(new Error('aborted'), { code: 'ECONNRESET' });

test('an error that only follows from a client’s leaving is told apart from others', () => {
  expect(isCallerGone(reset, gone)).toBe(true);
  expect(isCallerGone(new SafelightError('storage_unavailable', 'It broke off.', { cause: reset }), gone)).toBe(true);
  // A bucket that resets its connection has to be looked at, and so has a bug of ours.
  expect(isCallerGone(reset, here)).toBe(false);
  expect(isCallerGone(new TypeError('x is not a function'), gone)).toBe(false);
});
