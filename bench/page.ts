import { spawnSync } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { writeComparison } from './comparison.ts';
import { drawRatios } from './draw-ratios.ts';
import type { Result } from './figures.ts';
import { cellsOf } from './table.ts';
import { writeUserFigures } from './user-figures.ts';

type Kept = Result & { at: string; cpus: number; model: string; loadBefore: number; rounds: number };

const root = path.resolve(import.meta.dirname, '..');
const [begin, end] = ['<!-- figures -->', '<!-- end of figures -->'];

/** Writes the figures of the last runs: all of them next to the benchmarks, and the ones for users into docs/performance.md. */
export async function writePage(names: readonly string[]): Promise<void> {
  const directory = path.join(import.meta.dirname, 'results');
  const files = new Set(await readdir(directory));
  const results: Kept[] = [];
  for (const name of names) if (files.has(`${name}.json`)) results.push(JSON.parse(await readFile(path.join(directory, `${name}.json`), 'utf8')) as Kept);
  await putFigures('bench/figures.md', results.map(sectionOf).join('\n'));
  await putFigures('docs/performance.md', writeUserFigures(results));
  await writeFile(path.join(root, 'docs/images/ratios.svg'), drawRatios(results));
  await writeFile(path.join(root, 'docs/comparison.md'), writeComparison());
}

async function putFigures(name: string, figures: string): Promise<void> {
  const file = path.join(root, name);
  const page = await readFile(file, 'utf8');
  if (!page.includes(begin) || !page.includes(end)) throw new Error(`${name} has no place between ${begin} and ${end}.`);
  const [before = ''] = page.split(begin);
  const [, after = ''] = page.split(end);
  await writeFile(file, `${before}${begin}\n\n${figures}\n\n${end}${after}`);
  // Tables are aligned like on all pages of the repository.
  spawnSync('npx', ['oxfmt', file], { cwd: root, stdio: 'ignore' });
}

function sectionOf({ title, figures, missing = [], at, cpus, model, loadBefore, rounds }: Kept): string {
  const rows = figures.map(
    (figure) =>
      `| ${cellsOf(figure)
        .map((cell) => cell.replaceAll('|', '\\|').trim())
        .join(' | ')} |`,
  );
  return [
    `### ${title}`,
    '',
    '| | measured | goal | | ours / other |',
    '| --- | ---: | ---: | --- | --- |',
    ...rows,
    '',
    `${at.slice(0, 10)}, ${cpus} × ${model}, load before ${loadBefore.toFixed(1)}, ${rounds} rounds.${missing.map((one) => ` Not measured: ${one}`).join('')}`,
    '',
  ].join('\n');
}
