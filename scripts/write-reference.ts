// Writes the pages that say what the code says: docs/configuration.md from the table of settings and the schema of the configuration file,
// docs/problems.md from the table of problem codes, docs/cli.md from the table of commands, docs/lifecycle.md
// from the tables of states. `--check` only compares, and fails on a page
// that is out of date.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { writeCommands } from './reference/commands.ts';
import { writeConfiguration } from './reference/configuration.ts';
import { writeLifecycle } from './reference/lifecycle.ts';
import { writeProblems } from './reference/problems.ts';

const docs = resolve(import.meta.dirname, '../docs');
const pages = { 'configuration.md': writeConfiguration(), 'problems.md': writeProblems(), 'cli.md': writeCommands(), 'lifecycle.md': writeLifecycle() };

for (const [name, text] of Object.entries(pages)) {
  const file = resolve(docs, name);
  if (!process.argv.includes('--check')) writeFileSync(file, text);
  else if (!existsSync(file) || readFileSync(file, 'utf8') !== text) {
    console.error(`docs/${name} is not what the code says. Run "npm run docs" and commit the result.`);
    process.exitCode = 1;
  }
}
