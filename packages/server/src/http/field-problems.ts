import type { FieldProblem } from '@safelight/contract/errors';
import type { z } from 'zod';

/** What is wrong with an input, field by field, in words for whoever sent it. */
export function fieldProblems(error: Pick<z.ZodError, 'issues'> | undefined): FieldProblem[] {
  return (error?.issues ?? []).flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ field: [...issue.path, key].join('.'), message: 'not known here' }))
      : [{ field: issue.path.join('.'), message: wordsFor(issue) }],
  );
}

/** Unions and types of another shape say so at length; what was simply left out is said simply. */
const wordsFor = ({ code, message }: z.core.$ZodIssue): string =>
  code === 'invalid_type' && message.endsWith('received undefined')
    ? 'missing'
    : message.replace(/^Invalid input: expected (\w+), received (\w+)$/, 'wanted is a value of the type $1, not $2');
