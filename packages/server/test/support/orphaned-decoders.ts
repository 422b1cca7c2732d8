/** A parent of decoders that prints their process ids and then waits to be killed. */
import { openDecoderPool } from '../../src/processing/image/decoder-pool.ts';

const pool = openDecoderPool({ size: 2, memoryBudgetBytes: 1e9, deadlineMs: 60_000 });
const signal = new AbortController().signal;
await Promise.all([pool.capabilities({ signal }), pool.capabilities({ signal })]);
process.stdout.write(`${JSON.stringify(pool.status().decoders.map(({ pid }) => pid))}\n`);
setInterval(() => {}, 60_000);
