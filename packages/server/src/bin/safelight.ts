import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

import { assertNode } from '../lib/assert-node.ts';
import { readEnvFile } from './read-env-file.ts';

assertNode();
// What was compiled once is not compiled again: half of a start's time. Beside the code rather than in a folder that others can write to;
// where it cannot be written it is left out.
enableCompileCache(fileURLToPath(new URL('../../node_modules/.cache/compiled', import.meta.url)));
readEnvFile(process.cwd());
// Loaded only now: an older Node could not even read what follows.
const { run } = await import('./run.ts');
process.exitCode = await run(process.argv.slice(2));
