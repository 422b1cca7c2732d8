import { readFileSync } from 'node:fs';
import path from 'node:path';

import type { Figure } from './figures.ts';

type Photos = { at: string; results: { picture: string; rows: { row: string; cpuMs: number }[] }[] };
type Kept = { at: string; model: string; loadBefore: number; figures: Figure[] };
type Measured = { file: string; at: string; value: number; product: number; floor: number; goal?: number };
type Line = { what: string; why: string; measured: Measured };

const root = path.resolve(import.meta.dirname, '..');
const [begin, end] = ['<!-- figures: written by npm run docs from bench/results -->', '<!-- end of figures -->'];
const read = (file: string): unknown => JSON.parse(readFileSync(path.join(root, `bench/results/${file}.json`), 'utf8'));

/** docs/comparison.md with the figures of the last runs. A missing figure is an error, not a gap. */
export function writeComparison(): string {
  const page = readFileSync(path.join(root, 'docs/comparison.md'), 'utf8');
  const [before, after] = [page.split(begin), page.split(end)];
  if (before.length !== 2 || after.length !== 2) throw new Error(`docs/comparison.md has one place between "${begin}" and "${end}".`);
  return `${before[0]}${begin}\n\n${tableOf(lines())}\n\n${machines()}\n\n${end}${after[1]}`;
}

/** What is compared, and with whom; the figure and its run; and the reason for the difference. */
const others: readonly [what: string, file: string, figure: string, why: string][] = [
  [
    '64 MB by tus in pieces of 8 MB, against `@tus/server`',
    'tus',
    '64 MB in PATCHes of 8 MB, wall; @tus/server and what a sync takes',
    'both with what a sync takes',
  ],
  [
    'the same, against tusd',
    'tus',
    '64 MB in PATCHes of 8 MB, wall; tusd and what a sync takes',
    'each piece is recorded in Postgres; tusd keeps a file beside the file',
  ],
  ['1 GB by tus in one piece, against tusd', 'tus', '1024 MB in one PATCH, wall; tusd and what a sync takes', 'hashed, checked and synced on the way'],
  ['the same, against `@tus/server`', 'tus', '1024 MB in one PATCH, wall; @tus/server and what a sync takes', 'both with what a sync takes'],
  [
    '200 small files by tus, against `@tus/server`',
    'tus',
    '200 files of 64 KB, 8 at once, wall; @tus/server',
    'each is durable, checked and in the ledger before the response',
  ],
  ['a sold file, against nginx with `secure_link`', 'shop', 'a file against nginx with secure_link', 'each request is checked in Postgres, and counted'],
  ['a public file of 1 MB, against a bare `node:http`', 'download', '1 MB, wall', 'each request is checked in Postgres'],
  ['a public file of 1 KB, against a bare `node:http`', 'download', '1 KB, wall', 'the same; small files that are read often are kept in memory'],
  ['a direct upload of 1 MB, against a bare `node:http` to disk', 'upload', '1 MB, wall', 'synced, its type detected, hashed, in the ledger'],
];

function lines(): Line[] {
  const { ipx } = (JSON.parse(readFileSync(path.join(root, 'bench/peers/package.json'), 'utf8')) as { dependencies: { ipx: string } }).dependencies;
  return [
    {
      what: `CPU of a phone’s JPEG in six outputs, against ipx ${ipx}`,
      why: 'one decode for all sizes; ipx encodes WebP at a higher effort',
      measured: photo('ipx'),
    },
    { what: 'the same, against one sharp pipeline for each output', why: 'the same', measured: photo('naive') },
    ...others.map(([what, file, name, why]) => ({ what, why, measured: figure(file, name) })),
  ];
}

function photo(peer: 'ipx' | 'naive'): Measured {
  const { at, results } = read('images') as Photos;
  const rows = results.find(({ picture }) => picture === '12 MP JPEG phone')?.rows;
  const [ours, theirs] = ['pipeline', peer].map((name) => rows?.find(({ row }) => row === name)?.cpuMs);
  if (ours === undefined || theirs === undefined)
    throw new Error(`bench/results/images.json has no phone JPEG by "${peer}". npm ci --prefix bench/peers, then npm run bench:images.`);
  return { file: 'images', at, value: ours / theirs, product: ours, floor: theirs };
}

function figure(file: string, what: string): Measured {
  const { at, figures } = read(file) as Kept;
  const found = figures.find((one) => one.what === what);
  if (found?.product === undefined || found.floor === undefined) throw new Error(`bench/results/${file}.json has no ratio "${what}".`);
  const { value, product, floor, goal } = found;
  return { file, at, value, product, floor, ...(goal === undefined ? {} : { goal }) };
}

/** Milliseconds in readable form. */
const time = (ms: number): string =>
  ms >= 10_000 ? `${(ms / 1000).toFixed(0)} s` : ms >= 1000 ? `${(ms / 1000).toFixed(1)} s` : `${ms.toFixed(ms >= 10 ? 0 : ms >= 1 ? 1 : 2)} ms`;

function tableOf(all: readonly Line[]): string {
  const rows = all.map(({ what, why, measured: { value, product, floor, goal, at } }) => {
    const missed = goal !== undefined && value > goal ? `. **Missed: the goal is ${goal}**` : '';
    return [what, `${value.toFixed(2)} ×`, `${time(product)} : ${time(floor)}`, at.slice(0, 10), `${why}${missed}`];
  });
  const header = ['what', 'ratio', 'ours : theirs', 'measured', 'what it buys, or why'];
  const isRight = [false, true, true, false, false];
  const widths = header.map((name, column) => Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => (isRight[column] === true ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0))).join(' | ')} |`;
  const rule = widths.map((width, column) => (isRight[column] === true ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width)));
  return [line(header), `| ${rule.join(' | ')} |`, ...rows.map(line)].join('\n');
}

/** When they were measured: a busy machine affects both alike, but a reader wants to know. */
function machines(): string {
  const said = ['tus', 'shop', 'download', 'upload'].map((file) => {
    const { model, loadBefore } = read(file) as Kept;
    return `\`${file}\` on ${model}, load ${loadBefore.toFixed(1)}`;
  });
  return `Two cores each: ${said.join('; ')}; pictures by \`npm run bench:images\`.`;
}
