import { expect, test } from 'vitest';

import { ConnectionLost } from '../lib/prepare-statements.ts';
import { describeFailure } from './describe-failure.ts';

// In pg's words, from a command's own connection and from one that the pool has opened for a statement.
const silent = new Error('Connection terminated due to connection timeout');
test.each([silent, new ConnectionLost('The database cannot be reached.', { cause: silent })])(
  'a database that takes connections and says nothing is told of in a sentence, without a stack: %s',
  (error) => {
    expect(describeFailure(error)).toEqual({ exitCode: 1, message: expect.stringMatching(/^The database does not answer\. Check /) });
  },
);
