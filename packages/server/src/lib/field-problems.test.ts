import { expect, test } from 'vitest';
import { z } from 'zod';

import { plainWords } from './plain-words.ts';
import { fieldProblems } from './field-problems.ts';

const schema = z.strictObject({ filename: z.string(), byteSize: z.int().min(0), items: z.array(z.strictObject({ id: z.string() })).optional() });
const problemsOf = (value: unknown) => fieldProblems(schema.safeParse(value, { error: plainWords }).error);

test('every wrong field is named, including unknown ones', () => {
  expect(problemsOf({ byteSize: 'many', items: [{ id: 'a', colour: 'red' }] })).toEqual([
    { field: 'filename', message: 'missing' },
    { field: 'byteSize', message: 'must be a whole number, not "many"' },
    { field: 'items.0.colour', message: 'not known here (known: id)' },
  ]);
  expect(problemsOf({ filename: 'a', byteSize: -1 })).toEqual([{ field: 'byteSize', message: expect.stringContaining('0') }]);
});

test('a value that has none of several forms is told all of them', () => {
  const reset = z.strictObject({ reset: z.union([z.literal(true), z.array(z.string())]) });
  expect(fieldProblems(reset.safeParse({ reset: 'all' }, { error: plainWords }).error)).toEqual([
    { field: 'reset', message: 'must be true, or must be a list, not "all"' },
  ]);
});

test('long text is not repeated to its sender', () => {
  expect(problemsOf({ filename: 'a', byteSize: 'x'.repeat(41) })).toEqual([{ field: 'byteSize', message: 'must be a whole number, not text' }]);
});

test('valid input has no problems', () => {
  expect(problemsOf({ filename: 'a', byteSize: 1 })).toEqual([]);
});
