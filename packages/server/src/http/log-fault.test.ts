import { expect, test } from 'vitest';

import { SafelightError } from '../lib/errors.ts';
import { logFault } from './log-fault.ts';

test('an error is logged by its type, code and place, and never with a message that may quote the client', () => {
  const cause = Object.assign(new Error('duplicate key: (ada@example.com)'), { code: '23505' });
  const fault = logFault(new TypeError('cannot read "s3cr3t"\n  of s3cr3t', { cause }));
  expect(fault).toMatchObject({
    type: 'TypeError',
    stack: [expect.stringMatching(/^at .*log-fault\.test/), ...fault.stack.slice(1)],
    cause: { type: 'Error', code: '23505' },
  });
  expect(JSON.stringify(fault)).not.toMatch(/s3cr3t|ada@/);
});

test('an internal error is logged with our sentence, a refusal with its code alone', () => {
  expect(logFault(new SafelightError('storage_unavailable', 'The bytes are lost.', { context: { key: 'a' } }))).toMatchObject({
    detail: 'The bytes are lost.',
    key: 'a',
  });
  expect(logFault(new SafelightError('invalid_request', 'This is "s3cr3t".'))).not.toHaveProperty('detail');
});

test('for a thrown value that is no error only its type is logged', () => {
  expect(logFault('s3cr3t')).toEqual({ type: 'string', stack: [] });
});
