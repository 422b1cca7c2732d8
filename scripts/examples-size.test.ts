import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { expect, test } from 'vitest';

import { names } from '../examples/shared/start-example.ts';

const folder = path.resolve(import.meta.dirname, '../examples');
const [mostOfExample, mostOfFile] = [500, 120];

/** The lines that a team would have to read and maintain: code and pages, without styles, texts and sample files. */
const linesOf = (name: string): { file: string; lines: number }[] =>
  globSync(`${name}/**/*.{ts,tsx,html}`, { cwd: folder, exclude: ['**/data/**', '**/node_modules/**'] }).map((file) => ({
    file,
    lines: readFileSync(path.join(folder, file), 'utf8').trimEnd().split('\n').length,
  }));

test.each([...names, 'shared'])('%s is small enough to be read at once: no file is long, and all together are few lines', (name) => {
  const files = linesOf(name);
  expect(files.length).toBeGreaterThan(3);
  expect(files.filter(({ lines }) => lines > mostOfFile)).toEqual([]);
  expect(files.reduce((sum, { lines }) => sum + lines, 0)).toBeLessThanOrEqual(mostOfExample);
});
