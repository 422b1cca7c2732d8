// Writes Kysely as one file into `packages/server/bundled`. Kysely has 255 small modules, and finding and linking them takes every process a tenth of
// a second: a quarter of the time of a command that only queries the database. `#kysely` in packages/server/package.json is the bundle if Node runs
// with the condition `safelight-bundled`, and the plain dependency otherwise, so nothing breaks if this file was not written. Plain JavaScript,
// because npm runs it after an install under whichever Node is there.
import { copyFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

const server = fileURLToPath(new URL('../packages/server/', import.meta.url));
const outdir = path.join(server, 'bundled');
const kysely = path.resolve(createRequire(path.join(server, 'package.json')).resolve('kysely'), '../..');

rmSync(outdir, { recursive: true, force: true });
await build({
  entryPoints: { kysely: path.join(kysely, 'dist/index.js') },
  outdir,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node26',
  // Without comments, which every server would keep in memory with the code: two thirds of it, and two bytes a letter because of one dash.
  minifyWhitespace: true,
  lineLimit: 160,
  logLevel: 'warning',
});
// The licence has to accompany every copy.
copyFileSync(path.join(kysely, 'LICENSE'), path.join(outdir, 'LICENSE'));
