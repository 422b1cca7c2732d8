import type { FieldProblem } from '@safelight/contract/errors';
import type { z } from 'zod';

import { SafelightError } from '../lib/errors.ts';
import { plainWords } from '../lib/plain-words.ts';
import { fieldProblems } from '../lib/field-problems.ts';
import { findUnstorable } from './storable-text.ts';

export type Read<Output> = { data: Output; problems: null } | { data: null; problems: FieldProblem[] };

/**
 * The boundary: the only place where what a request says is taken for what a schema says. Everything that came from outside passes here
 * before any use-case sees it, and what passes can be stored.
 */
export function readInput<Schema extends z.ZodType>(schema: Schema, given: unknown): Read<z.output<Schema>> {
  const parsed = schema.safeParse(given, { error: plainWords });
  const problems = parsed.success ? findUnstorable(parsed.data) : fieldProblems(parsed.error);
  return parsed.success && problems.length === 0 ? { data: parsed.data, problems: null } : { data: null, problems };
}

/** Fields of a form, a query or metadata, where there is no other way to leave one out than to send it empty. */
export const withoutEmpty = <Value>(fields: Readonly<Record<string, Value>>): Record<string, Value> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => typeof value !== 'string' || value.trim() !== ''));

const mostTold = 3;

/** The refusal that names each field, in a sentence. `hint` says what to do, where there is more to say. */
export function invalidRequest(problems: readonly FieldProblem[], hint = ''): SafelightError {
  const told = problems.slice(0, mostTold).map(({ field, message }) => `${field === '' ? 'The request' : field}: ${message}.`);
  const more = problems.length > mostTold ? [`And ${problems.length - mostTold} more.`] : [];
  return new SafelightError('invalid_request', [...told, ...more, ...(hint === '' ? [] : [hint])].join(' '), { errors: [...problems] });
}
