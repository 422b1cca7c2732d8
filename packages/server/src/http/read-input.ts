import type { FieldProblem } from '@safelight/contract/errors';
import type { z } from 'zod';

import { SafelightError } from '../lib/errors.ts';
import { readValue, type ReadValue } from '../lib/read-value.ts';
import { findUnstorable } from './storable-text.ts';

/**
 * The boundary: the only place that turns the input of a request into the type of a schema. All outside input is validated here before a use-case
 * sees it, and what passes can be stored.
 */
export function readInput<Schema extends z.ZodType>(schema: Schema, given: unknown): ReadValue<z.output<Schema>> {
  const read = readValue(schema, given);
  const unstorable = read.problems === null ? findUnstorable(read.data) : [];
  return unstorable.length === 0 ? read : { data: null, problems: unstorable };
}

/** For fields of a form, a query or metadata, where an empty value is the only way to leave one out. */
export const withoutEmpty = <Value>(fields: Readonly<Record<string, Value>>): Record<string, Value> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => typeof value !== 'string' || value.trim() !== ''));

/** The same for a JSON body whose fields a form or metadata may carry as well: pages fill both from the same inputs. */
export const withoutEmptyTexts = (body: unknown): unknown =>
  typeof body === 'object' && body !== null && !Array.isArray(body) ? withoutEmpty(body as Record<string, unknown>) : body;

const mostTold = 3;

/** The refusal that describes each invalid field in a sentence. `hint` adds what to do. */
export function invalidRequest(problems: readonly FieldProblem[], hint = ''): SafelightError {
  const told = problems.slice(0, mostTold).map(({ field, message }) => `${field === '' ? 'The request' : field}: ${message}.`);
  const more = problems.length > mostTold ? [`And ${problems.length - mostTold} more.`] : [];
  return new SafelightError('invalid_request', [...told, ...more, ...(hint === '' ? [] : [hint])].join(' '), { errors: [...problems] });
}
