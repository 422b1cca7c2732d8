import { readFileSync } from 'node:fs';
import path from 'node:path';

import { expect, test } from 'vitest';

const page = readFileSync(path.resolve(import.meta.dirname, '../docs/comparison.md'), 'utf8');
const [, table = ''] = /^## At a glance\n[^|]*((?:\|.*\n)+)/m.exec(page) ?? [];
const cells = table
  .trim()
  .split('\n')
  .slice(2)
  .flatMap((row) =>
    row
      .split('|')
      .slice(2, -1)
      .map((cell) => cell.trim()),
  );

test('every cell of the comparison links to its source, or says that there is none', () => {
  expect(cells.length).toBeGreaterThan(90);
  expect(cells.filter((cell) => !/\]\(\S+\)|\]\[[\w-]+\]/.test(cell) && !['–', 'unknown', 'not documented'].includes(cell))).toEqual([]);
});

test('every source that the comparison names is given, and no other', () => {
  const named = new Set([...table.matchAll(/\]\[([\w-]+)\]/g)].map(([, name]) => name));
  const given = [...page.matchAll(/^\[([\w-]+)\]: https:\/\/\S+$/gm)].map(([, name]) => name);
  expect(new Set(given)).toEqual(named);
  expect(given.length).toBe(named.size);
});
