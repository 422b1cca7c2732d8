import { readFileSync } from 'node:fs';
import path from 'node:path';

import { expect, test } from 'vitest';
import { parse } from 'yaml';

import { blocksOf, commandReference, isOfCheckout, pages, root } from './documents/pages.ts';
import type { Block } from './documents/read-blocks.ts';

type Placed = Block & { page: string };
const all: Placed[] = pages.flatMap((page) => blocksOf(page).map((block) => ({ ...block, page })));
const where = ({ page, line }: Placed): string => `${page}:${line}`;
/** Blocks that nothing runs, apart from those that say why and those that another suite runs. */
const ours = all.filter(({ notRun, runBy }) => notRun === null && runBy === null);

test('the blocks that are shown and not run are known, each with its reason', () => {
  const shown = all.filter(({ notRun }) => notRun !== null);
  expect(shown.map(({ page, language, notRun }) => [page, language, notRun].join(' | '))).toEqual([
    'docs/migrating.md | sh | needs the old application',
    'docs/performance.md | sh | takes a quiet machine and many minutes',
    'docs/phones.md | swift | Swift is not on the machines that run these examples',
    'docs/phones.md | kotlin | Kotlin is not on the machines that run these examples',
    'docs/pictures.md | sh | takes a quiet machine and many minutes',
  ]);
});

test('every other block is of a kind that is run, compiled, parsed, drawn or compared', () => {
  const ways: Record<string, string> = {
    sh: 'run',
    ts: 'compiled',
    tsx: 'compiled',
    js: 'compiled',
    json: 'parsed',
    yaml: 'parsed',
    http: 'parsed',
    mermaid: 'drawn',
  };
  expect(
    ours.filter(({ language, page }) => !(language in ways) && !(page === commandReference && language === 'text') && language !== 'console').map(where),
  ).toEqual([]);
});

test('a block for another suite names that suite, which exists', () => {
  const taken = all.filter(({ runBy }) => runBy !== null);
  expect(taken.length).toBeGreaterThan(5);
  for (const block of taken) {
    const [file = ''] = (block.runBy ?? '').split(':');
    expect(() => readFileSync(path.join(root, file)), where(block)).not.toThrow();
  }
});

test('every script of the checkout in a block is run by CI', () => {
  const { scripts } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
  const named = (text: string): string[] => [...text.matchAll(/\bnpm (?:run (?:-s )?)?([a-z][\w:-]*)/g)].map(([, name = '']) => name);
  const byCI = new Set(named(readFileSync(path.join(root, '.ci/run'), 'utf8')));
  // `check` consists of five of them, two are walked by the tests that are named.
  for (const name of [...named(scripts['check'] ?? ''), 'example', 'start', 'docs:site', 'install']) byCI.add(name);
  const blocks = ours.filter((block) => block.language === 'sh' && isOfCheckout(block));
  expect(blocks.length).toBeGreaterThan(5);
  expect(blocks.flatMap((block) => named(block.text).flatMap((name) => (byCI.has(name) ? [] : [`${where(block)} ${name}`])))).toEqual([]);
});

test('every script of the checkout in a page exists', () => {
  const { scripts } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
  const named = pages.flatMap((page) =>
    [...readFileSync(path.join(root, page), 'utf8').matchAll(/npm run (?:-s )?([a-z][\w:-]*)/g)].map(([, name = '']) => ({ page, name })),
  );
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter(({ name }) => !(name in scripts))).toEqual([]);
});

test('examples in JSON and YAML are valid, apart from values that a reader fills in', () => {
  for (const block of ours) {
    if (block.language === 'json') expect(() => JSON.parse(block.text) as unknown, where(block)).not.toThrow();
    if (block.language === 'yaml') expect(parse(block.text) as unknown, where(block)).toBeTypeOf('object');
    if (block.language === 'http') expect(() => JSON.parse(block.text.split('\n\n')[1] ?? '') as unknown, where(block)).not.toThrow();
    if (block.language === 'mermaid') expect(block.text, where(block)).toMatch(/^(?:stateDiagram-v2|sequenceDiagram)\n/);
  }
});
