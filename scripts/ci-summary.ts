// Sums up a CI run: reads the results of `.ci/run` in the given folder, prints a line for each suite and ends with the total.
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { sumSuite, totalLine, type OutsideErrors, type SuiteResult, type VitestReport } from './sum-suites.ts';

const folder = process.argv[2];
if (!folder) throw new Error('Give the folder that .ci/run wrote its results to.');

/** A report that a crash cut short is ignored: then the suite's exit code counts. */
const readReport = (name: string): unknown => {
  const path = resolve(folder, name);
  if (!existsSync(path)) return undefined;
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
};

const suites = readFileSync(resolve(folder, 'suites.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as SuiteResult)
  .map((result) => {
    const report = readReport(`${result.name}.report.json`) as VitestReport | undefined;
    const outside = readReport(`${result.name}.report.json.outside`) as OutsideErrors | undefined;
    return { ...result, ...sumSuite(result, report, outside) };
  });

const row = (...[name, ...cells]: string[]): string => (name ?? '').padEnd(18) + cells.map((cell) => cell.padStart(9)).join('');

console.log(`\n${row('suite', 'passed', 'failed', 'skipped', 'flaky', 'seconds')}`);
for (const { name, passed, failed, skipped, flakes, seconds } of suites)
  console.log(row(name, ...[passed, failed, skipped, flakes.length, seconds].map(String)));
for (const { name, failures } of suites) for (const failure of failures) console.log(`\n${name}: ${failure}`);
for (const { name, flakes } of suites) for (const flake of flakes) console.log(`\n${name}: passed only when tried again: ${flake}`);
console.log(`\n${totalLine(suites)}`);
process.exitCode = suites.some((suite) => suite.failed > 0) ? 1 : 0;
