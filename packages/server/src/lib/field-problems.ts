import type { FieldProblem } from '@safelight/contract/errors';
import type { z } from 'zod';

type Issue = z.core.$ZodIssue;

/** The problems of an input, field by field, in the words that the parser was given (`plainWords`). */
export function fieldProblems(error: { issues: readonly Issue[] } | undefined, above: readonly PropertyKey[] = []): FieldProblem[] {
  return (error?.issues ?? []).flatMap((issue) => problemsOf(issue, [...above, ...issue.path]));
}

function problemsOf(issue: Issue, path: readonly PropertyKey[]): FieldProblem[] {
  const at = (...more: PropertyKey[]): string => [...path, ...more].map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    const lines = issue.message.split('\n');
    return issue.keys.map((key, index) => ({ field: at(nameOf(key)), message: lines[index] ?? 'not known here' }));
  }
  if (issue.code === 'invalid_union' && issue.errors.length > 0) return nearest(issue.errors, path);
  return [{ field: at(), message: issue.message }];
}

/**
 * Of several forms that a value may have, the one that knows most of its names was probably meant. If the value is of none of these forms, all of them
 * are named.
 */
function nearest(branches: readonly (readonly Issue[])[], path: readonly PropertyKey[]): FieldProblem[] {
  if (branches.every(([first]) => first?.path.length === 0 && first.code !== 'unrecognized_keys')) {
    const messages = branches.flatMap((issues) => fieldProblems({ issues }, path).map(({ message }) => message));
    return [{ field: path.map(String).join('.'), message: [...new Set(messages)].join(', or ') }];
  }
  const unknown = (issues: readonly Issue[]): number => issues.flatMap((issue) => (issue.code === 'unrecognized_keys' ? issue.keys : [])).length;
  const [best = []] = branches.toSorted((a, b) => unknown(a) - unknown(b));
  return fieldProblems({ issues: best }, path);
}

/** A name from a client may have any length, and is shown to them again. */
const nameOf = (key: string): string => (key.length <= 100 ? key : `${key.slice(0, 100)}…`).replaceAll(/[\p{Cc}\p{Cs}]/gu, '\ufffd');
