// Builds the published packages into their `dist` folders. Nothing in the repository needs this: development, tests and `npm start` run the
// TypeScript sources. Packages need it because Node strips no types under `node_modules`.
import { spawnSync } from 'node:child_process';
import { cpSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { tabbed } from './tab-declarations.ts';

const root = resolve(import.meta.dirname, '..');
const compiler = resolve(root, 'node_modules/typescript/bin/tsc');

// Ordered by their dependency on each other's type declarations.
for (const name of ['contract', 'client', 'react', 'server']) {
  const folder = resolve(root, 'packages', name);
  // A file whose source is gone must not be published again.
  rmSync(resolve(folder, 'dist'), { recursive: true, force: true });
  const { status } = spawnSync(process.execPath, [compiler, '-p', resolve(folder, 'tsconfig.build.json')], { stdio: 'inherit' });
  if (status !== 0) process.exit(1);
  for (const file of globSync(resolve(folder, 'dist/**/*.d.ts'))) writeFileSync(file, tabbed(readFileSync(file, 'utf8')));
}

// npm wrote a bundle after the install; a package must contain that of its own Kysely.
if (spawnSync(process.execPath, [resolve(root, 'scripts/bundle-kysely.mjs')], { stdio: 'inherit' }).status !== 0) process.exit(1);

cpSync(resolve(root, 'packages/react/src/styles.css'), resolve(root, 'packages/react/dist/styles.css'));

// The server contains the built console, because its users have no bundler and none of the sources.
const consoleBuild = [resolve(root, 'apps/console/build.ts'), resolve(root, 'packages/server/dist/console')];
if (spawnSync(process.execPath, ['--conditions=safelight-source', ...consoleBuild], { stdio: 'inherit' }).status !== 0) process.exit(1);
