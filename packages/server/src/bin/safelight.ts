import { assertNode } from '../lib/assert-node.ts';

assertNode();
// Loaded only now: an older Node could not even read what follows.
const { run } = await import('./run.ts');
process.exitCode = await run(process.argv.slice(2));
