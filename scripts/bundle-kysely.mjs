// Writes Kysely as one file into `packages/server/bundled`. Kysely ships 255 small modules, and finding and linking them costs every
// process a tenth of a second: a quarter of what a command takes that only asks the database. `#kysely` in packages/server/package.json
// names the bundle where Node runs with the condition `safelight-bundled`, and the plain dependency everywhere else, so nothing breaks
// where this file was not written. Plain JavaScript, because npm runs it after an install under whatever Node is there.
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
  entryPoints: { kysely: path.join(kysely, 'dist/index.js'), 'kysely-postgres': path.join(kysely, 'dist/helpers/postgres.js') },
  outdir,
  bundle: true,
  // What both need lies in a file of its own: one copy of each class, as in the dependency.
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node26',
  logLevel: 'warning',
});
// The licence asks to go along with every copy.
copyFileSync(path.join(kysely, 'LICENSE'), path.join(outdir, 'LICENSE'));
