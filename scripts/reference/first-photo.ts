import { readFileSync } from 'node:fs';
import path from 'node:path';

type Kept = { at: string; cpus: number; load: number; cache: 'empty' | 'warm'; steps: { seconds: number }[] };

const root = path.resolve(import.meta.dirname, '../..');
const [begin, end] = ['<!-- figures: written by npm run docs from bench/results/first-photo.json -->', '<!-- end of figures -->'];

/** docs/start.md with the last measurements of `npm run first-photo -- --save`, and the state of the npm cache in them. */
export function writeStart(): string {
  const page = readFileSync(path.join(root, 'docs/start.md'), 'utf8');
  const [before, after] = [page.split(begin), page.split(end)];
  if (before.length !== 2 || after.length !== 2) throw new Error(`docs/start.md has one place between "${begin}" and "${end}".`);
  return `${before[0]}${begin}\n\n${sentence()}\n\n${end}${after[1]}`;
}

function sentence(): string {
  const { at, cpus, load, cache, steps } = JSON.parse(readFileSync(path.join(root, 'bench/results/first-photo.json'), 'utf8')) as Kept;
  const [clone = 0, start = 0, paste = 0] = steps.map(({ seconds }) => seconds);
  const all = Math.round(clone + start + paste);
  const where = cache === 'warm' ? "with npm's cache warm, so without most of the download" : "with npm's cache empty, as on a new machine";
  return [
    `Measured on ${at.slice(0, 10)} on ${cpus} cores with a load of ${load.toFixed(0)}, ${where}: ${all} seconds to a URL that anybody can open:`,
    `${Math.round(clone)} to clone, ${Math.round(start)} to install and start, ${Math.round(paste)} from the paste to the published photo.`,
  ].join('\n');
}
