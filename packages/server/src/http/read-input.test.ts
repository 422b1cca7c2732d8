import { glob, readFile } from 'node:fs/promises';
import path from 'node:path';

import { operations, type Operation } from '@safelight/contract/operations';
import { expect, test } from 'vitest';
import { z } from 'zod';

import { invalidRequest, readInput, withoutEmpty } from './read-input.ts';

test('only this function validates requests with a schema', async () => {
  const files = await Array.fromAsync(glob('*.ts', { cwd: import.meta.dirname }));
  const reading: string[] = [];
  for (const file of files.filter((name) => !name.endsWith('.test.ts') && name !== 'read-input.ts')) {
    const source = await readFile(path.join(import.meta.dirname, file), 'utf8');
    if (/(?<!JSON|Date)\.(?:safeParse|parse|safeParseAsync|parseAsync)\(|\breadValue\(/.test(source)) reading.push(file);
  }
  expect(reading).toEqual([]);
});

test('a refusal names every wrong field, and three of them in its sentence', () => {
  const schema = z.strictObject({ a: z.string(), b: z.int().min(1).max(5), c: z.enum(['x', 'y']), d: z.boolean() });
  const { problems } = readInput(schema, { a: 1, b: 9, c: 'z', D: true });
  expect(problems?.map(({ field, message }) => `${field}: ${message}`)).toEqual([
    'a: must be text, not a number',
    'b: must be a whole number from 1 to 5',
    'c: must be one of x, y',
    'd: missing',
    'D: not known here (did you mean d?)',
  ]);
  expect(invalidRequest(problems ?? []).detail).toBe(
    'a: must be text, not a number. b: must be a whole number from 1 to 5. c: must be one of x, y. And 2 more.',
  );
});

test('text that cannot be stored is refused, and so is endless nesting', () => {
  const schema = z.strictObject({ any: z.unknown() });
  let deep: unknown = 'x';
  for (let level = 0; level < 100_000; level += 1) deep = [deep];
  expect(readInput(schema, { any: { x: ['a\0'] } }).problems).toEqual([{ field: 'any.x.0', message: 'holds a character that cannot be stored' }]);
  expect(readInput(schema, { any: 'a\ud800' }).problems).toHaveLength(1);
  expect(readInput(schema, { any: deep }).problems).toEqual([expect.objectContaining({ message: 'is nested too deeply' })]);
  expect(readInput(schema, { any: 'é👋🏽' })).toEqual({ data: { any: 'é👋🏽' }, problems: null });
});

test('if a body may have two forms, errors are about the one whose names were used', () => {
  const { body }: Operation = operations.openUpload;
  const problemsOf = (given: unknown) => readInput(body ?? z.never(), given).problems?.map(({ field }) => field);
  expect(problemsOf({})).toEqual(['filename']);
  expect(problemsOf({ uploads: [] })).toEqual(['uploads']);
  expect(problemsOf({ collection: 'user.library' })).toEqual(['filename']);
});

test('empty and blank fields are dropped, and nothing else', () => {
  expect(withoutEmpty({ a: '', b: ' ', c: '0', d: 0, e: null })).toEqual({ c: '0', d: 0, e: null });
});
