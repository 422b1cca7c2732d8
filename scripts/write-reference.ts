// Writes the pages that are generated from the code: docs/configuration.md from the table of settings and the schema of the configuration file,
// docs/problems.md from the table of problem codes, docs/api.md and docs/events.md from the contract, docs/cli.md from the table of commands,
// docs/lifecycle.md from the tables of states; the figures of docs/comparison.md and docs/start.md from bench/results; and
// packages/contract/src/api.ts, the types of the API without its schemas. `--check` only compares, and fails on a page that is out of date.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { writeComparison } from '../bench/comparison.ts';
import { writeApi } from './reference/api.ts';
import { writeApiTypes } from './reference/api-types.ts';
import { writeCommands } from './reference/commands.ts';
import { writeConfiguration } from './reference/configuration.ts';
import { writeEvents } from './reference/events.ts';
import { writeStart } from './reference/first-photo.ts';
import { writeLifecycle } from './reference/lifecycle.ts';
import { writeProblems } from './reference/problems.ts';

const root = resolve(import.meta.dirname, '..');
const pages = {
  'docs/configuration.md': writeConfiguration(),
  'docs/problems.md': writeProblems(),
  'docs/cli.md': await writeCommands(),
  'docs/lifecycle.md': writeLifecycle(),
  'docs/api.md': writeApi(),
  'docs/events.md': writeEvents(),
  'docs/comparison.md': writeComparison(),
  'docs/start.md': writeStart(),
  'packages/contract/src/api.ts': writeApiTypes(),
};

for (const [name, text] of Object.entries(pages)) {
  const file = resolve(root, name);
  if (!process.argv.includes('--check')) writeFileSync(file, text);
  else if (!existsSync(file) || readFileSync(file, 'utf8') !== text) {
    console.error(`${name} is not what the code says. Run "npm run docs" and commit the result.`);
    process.exitCode = 1;
  }
}
