import { writeFile } from 'node:fs/promises';

import { expect, test } from 'vitest';

import { SafelightError } from '../lib/errors.ts';
import { temporaryError } from './temporary-error.ts';

const writing = (to: string): Promise<unknown> => writeFile(to, 'bytes').catch((error: unknown) => error);

test.skipIf(process.platform !== 'linux')('a full disk is told to the operator, and to the client as something that passes (needs /dev/full)', async () => {
  expect(temporaryError(await writing('/dev/full'))).toMatchObject({
    code: 'storage_unavailable',
    message: expect.stringMatching(/^The temporary directory \S+ is full\. Free some space\./),
  });
});

test('what is no fault of the disk stays what it is', () => {
  for (const error of [
    new SafelightError('invalid_request', 'no'),
    new Error('cut'),
    Object.assign(new Error('reset'), { code: 'ECONNRESET', syscall: 'read' }),
  ])
    expect(temporaryError(error)).toBe(error);
});
