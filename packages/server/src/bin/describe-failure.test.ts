import { expect, test } from 'vitest';

import { ConnectionLost } from '../lib/prepare-statements.ts';
import { describeFailure } from './describe-failure.ts';

test.each(['ENOSPC', 'EDQUOT'])('a disk without space is told of in a sentence, without a stack: %s', (code) => {
  const full = Object.assign(new Error(`${code}: no space left on device, write`), { code, syscall: 'write' });
  expect(describeFailure(full)).toEqual({ exitCode: 1, message: expect.stringMatching(/^The disk is full, or its quota is used up/) });
});

// In pg's words, from a command's own connection and from one that the pool has opened for a statement.
const silent = new Error('Connection terminated due to connection timeout');
test.each([silent, new ConnectionLost('The database cannot be reached.', { cause: silent })])(
  'a database that takes connections and says nothing is told of in a sentence, without a stack: %s',
  (error) => {
    expect(describeFailure(error)).toEqual({ exitCode: 1, message: expect.stringMatching(/^The database does not answer\. Check /) });
  },
);
