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

// In the words of PostgreSQL, with its SQLSTATE; the pool reports a refused connection as lost.
const refusing = [
  {
    code: '53100',
    says: 'could not write init file: No space left on device',
    sentence: /^The disk of the database is full\. Free some space there, then try again\.$/,
  },
  {
    code: '53300',
    says: 'sorry, too many clients already',
    sentence: /^The database has no connection left \(sorry, too many clients already\)\. .*max_connections/,
  },
  {
    code: '57P03',
    says: 'the database system is starting up',
    sentence: /^The database takes no connections at this moment \(the database system is starting up\)\. Try again/,
  },
];
test.each(refusing)('a database that cannot serve is told of in a sentence, without a stack: $says', ({ code, says, sentence }) => {
  const error = Object.assign(new Error(says), { code });
  for (const seen of [error, new ConnectionLost('The database cannot be reached.', { cause: error })])
    expect(describeFailure(seen)).toEqual({ exitCode: 1, message: expect.stringMatching(sentence) });
});
