import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { expect, test } from 'vitest';

import { writeLifecycle } from './reference/lifecycle.ts';

test('docs/lifecycle.md shows the states of the code', async () => {
  expect(await readFile(path.resolve(import.meta.dirname, '../docs/lifecycle.md'), 'utf8')).toBe(writeLifecycle());
});
