import type { FieldProblem } from '@safelight/contract/errors';
import type { z } from 'zod';

import { fieldProblems } from './field-problems.ts';
import { plainWords } from './plain-words.ts';

export type ReadValue<Output> = { data: Output; problems: null } | { data: null; problems: FieldProblem[] };

/** What a person wrote, as a schema has it; or what is wrong with each field, in words for that person. */
export function readValue<Schema extends z.ZodType>(schema: Schema, given: unknown): ReadValue<z.output<Schema>> {
  const parsed = schema.safeParse(given, { error: plainWords });
  return parsed.success ? { data: parsed.data, problems: null } : { data: null, problems: fieldProblems(parsed.error) };
}
