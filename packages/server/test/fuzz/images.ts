/** `npm run fuzz:images -- --count 2000 --seed 1 [--from 0]`: damaged pictures through the decoders. Exits with 1 when anything unfair came out. */
import { parseArgs } from 'node:util';
import { fuzzImages } from './fuzz-images.ts';

const { values } = parseArgs({
  options: { count: { type: 'string', default: '2000' }, seed: { type: 'string', default: '1' }, from: { type: 'string', default: '0' } },
});
const count = Number(values.count);
const report = await fuzzImages({
  count,
  seed: Number(values.seed),
  from: Number(values.from),
  onCase: (done) => {
    if (process.stderr.isTTY && done % 20 === 0) process.stderr.write(`\r${done}/${count}`);
  },
});
process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
process.exitCode = report.faults.length > 0 || report.leftovers.length > 0 ? 1 : 0;
