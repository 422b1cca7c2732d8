import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const pages = globSync(['*.md', 'docs/**/*.md', '{packages,apps,bench,examples}/*.md', '{packages,apps,examples}/*/*.md'], {
  cwd: root,
  exclude: ['**/node_modules/**'],
});

/** Links of a page to files of the project: their text, and their target. */
const linksOf = (page: string): { label: string; target: string }[] =>
  [...readFileSync(join(root, page), 'utf8').matchAll(/\[([^\]]*)\]\(([^)\s#]+)(?:#[^)]*)?\)/g)].flatMap(([, label = '', target = '']) =>
    /^[a-z]+:/.test(target) ? [] : [{ label, target }],
  );

test('every link between pages and into the code leads to an existing file', () => {
  expect(pages.length, 'pages read').toBeGreaterThan(5);
  const dead = pages.flatMap((page) =>
    linksOf(page).flatMap(({ target }) => (existsSync(join(root, dirname(page), target)) ? [] : [`${page} links to ${target}`])),
  );
  expect(dead).toEqual([]);
});

test('a link in ARCHITECTURE.md whose text is a file name leads to the file of that name', () => {
  const wrong = linksOf('ARCHITECTURE.md').filter(({ label, target }) => /^[\w-]+\.(ts|tsx|sql)$/.test(label) && basename(target) !== label);
  expect(wrong).toEqual([]);
});

test('a link in ARCHITECTURE.md whose text is the name of a function leads to the file that exports it', () => {
  const wrong = linksOf('ARCHITECTURE.md').filter(
    ({ label, target }) =>
      /^[a-z]+[A-Z]\w*$/.test(label) && !new RegExp(`^export (async )?(function|const) ${label}\\b`, 'm').test(readFileSync(join(root, target), 'utf8')),
  );
  expect(wrong).toEqual([]);
});
