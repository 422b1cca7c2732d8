import type { FieldProblem } from '@safelight/contract/errors';
import type { z } from 'zod';

import { fieldProblems } from './field-problems.ts';
import { plainWords } from './plain-words.ts';

export type ReadValue<Output> = { data: Output; problems: null } | { data: null; problems: FieldProblem[] };

/** Validates human input; returns the value, or the problem of each field in plain words. */
export function readValue<Schema extends z.ZodType>(schema: Schema, given: unknown): ReadValue<z.output<Schema>> {
  const parsed = schema.safeParse(given, { error: plainWords });
  return parsed.success ? { data: parsed.data, problems: null } : { data: null, problems: fieldProblems(parsed.error) };
}
