import { glob, readFile } from 'node:fs/promises';
import path from 'node:path';

import { operations, type Operation } from '@safelight/contract/operations';
import { expect, test } from 'vitest';
import { z } from 'zod';

import { invalidRequest, readInput, withoutEmpty } from './read-input.ts';

test('nothing of a request is read by a schema but here', async () => {
  const files = await Array.fromAsync(glob('*.ts', { cwd: import.meta.dirname }));
  const reading: string[] = [];
  for (const file of files.filter((name) => !name.endsWith('.test.ts') && name !== 'read-input.ts')) {
    const source = await readFile(path.join(import.meta.dirname, file), 'utf8');
    if (/(?<!JSON|Date)\.(?:safeParse|parse|safeParseAsync|parseAsync)\(|\breadValue\(/.test(source)) reading.push(file);
  }
  expect(reading).toEqual([]);
});

test('a request is told of each field that is wrong, and of three in its sentence', () => {
  const schema = z.strictObject({ a: z.string(), b: z.int().min(1).max(5), c: z.enum(['x', 'y']), d: z.boolean() });
  const { problems } = readInput(schema, { a: 1, b: 9, c: 'z', D: true });
  expect(problems?.map(({ field, message }) => `${field}: ${message}`)).toEqual([
    'a: text is wanted, not a number',
    'b: a whole number from 1 to 5 is wanted',
    'c: one of x, y is wanted',
    'd: missing',
    'D: not known here (did you mean d?)',
  ]);
  expect(invalidRequest(problems ?? []).detail).toBe(
    'a: text is wanted, not a number. b: a whole number from 1 to 5 is wanted. c: one of x, y is wanted. And 2 more.',
  );
});

test('what cannot be stored does not pass, nor what is nested without end', () => {
  const schema = z.strictObject({ any: z.unknown() });
  let deep: unknown = 'x';
  for (let level = 0; level < 100_000; level += 1) deep = [deep];
  expect(readInput(schema, { any: { x: ['a\0'] } }).problems).toEqual([{ field: 'any.x.0', message: 'holds a character that cannot be stored' }]);
  expect(readInput(schema, { any: 'a\ud800' }).problems).toHaveLength(1);
  expect(readInput(schema, { any: deep }).problems).toEqual([expect.objectContaining({ message: 'is nested too deeply' })]);
  expect(readInput(schema, { any: 'é👋🏽' })).toEqual({ data: { any: 'é👋🏽' }, problems: null });
});

test('of two forms that a body may have, the one whose names were used is the one that is told of', () => {
  const { body }: Operation = operations.openUpload;
  const problemsOf = (given: unknown) => readInput(body ?? z.never(), given).problems?.map(({ field }) => field);
  expect(problemsOf({})).toEqual(['filename']);
  expect(problemsOf({ uploads: [] })).toEqual(['uploads']);
  expect(problemsOf({ collection: 'user.library' })).toEqual(['filename']);
});

test('what is empty or blank is left out of fields, and nothing else is', () => {
  expect(withoutEmpty({ a: '', b: ' ', c: '0', d: 0, e: null })).toEqual({ c: '0', d: 0, e: null });
});
