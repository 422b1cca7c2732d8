import type { FieldProblem } from '@safelight/contract/errors';
import type { z } from 'zod';

import { SafelightError } from '../lib/errors.ts';
import { readValue, type ReadValue } from '../lib/read-value.ts';
import { findUnstorable } from './storable-text.ts';

/**
 * The boundary: the only place where what a request says is taken for what a schema says. Everything that came from outside passes here
 * before any use-case sees it, and what passes can be stored.
 */
export function readInput<Schema extends z.ZodType>(schema: Schema, given: unknown): ReadValue<z.output<Schema>> {
  const read = readValue(schema, given);
  const unstorable = read.problems === null ? findUnstorable(read.data) : [];
  return unstorable.length === 0 ? read : { data: null, problems: unstorable };
}

/** Fields of a form, a query or metadata, where there is no other way to leave one out than to send it empty. */
export const withoutEmpty = <Value>(fields: Readonly<Record<string, Value>>): Record<string, Value> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => typeof value !== 'string' || value.trim() !== ''));

/** The same of a JSON body whose fields a form or metadata carries as well: pages fill both from the same inputs. */
export const withoutEmptyTexts = (body: unknown): unknown =>
  typeof body === 'object' && body !== null && !Array.isArray(body) ? withoutEmpty(body as Record<string, unknown>) : body;

const mostTold = 3;

/** The refusal that names each field, in a sentence. `hint` says what to do, where there is more to say. */
export function invalidRequest(problems: readonly FieldProblem[], hint = ''): SafelightError {
  const told = problems.slice(0, mostTold).map(({ field, message }) => `${field === '' ? 'The request' : field}: ${message}.`);
  const more = problems.length > mostTold ? [`And ${problems.length - mostTold} more.`] : [];
  return new SafelightError('invalid_request', [...told, ...more, ...(hint === '' ? [] : [hint])].join(' '), { errors: [...problems] });
}
