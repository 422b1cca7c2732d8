import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

import { assertNode } from '../lib/assert-node.ts';
import { readEnvFile } from './read-env-file.ts';

assertNode();
// Caches compiled code, which saves half of the start-up time. The cache is beside the code, not in a folder that others can write to; if it cannot
// be written, there is none.
enableCompileCache(fileURLToPath(new URL('../../node_modules/.cache/compiled', import.meta.url)));
readEnvFile(process.cwd());
// Imported only after the check: an older Node could not even parse it.
const { run } = await import('./run.ts');
process.exitCode = await run(process.argv.slice(2));
