/**
 * Odd requests to every operation of the API: `npm run fuzz:api -- --count 12000 --seed 1 [--from 0] [--seconds 60] [--json]`. Exits with 1 if one
 * was answered with a 5xx, with a message for programmers, or not at all, or if the server logged an error.
 */
import { parseArgs } from 'node:util';
import { fuzzApi } from './fuzz-api.ts';

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '3000' },
    seed: { type: 'string', default: '1' },
    from: { type: 'string', default: '0' },
    seconds: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const count = Number(values.count);
const began = performance.now();
const report = await fuzzApi({
  count,
  seed: Number(values.seed),
  from: Number(values.from),
  ...(values.seconds === undefined ? {} : { seconds: Number(values.seconds) }),
  onCase: (done) => {
    if (process.stderr.isTTY && done % 50 === 0) process.stderr.write(`\r${done}/${count}`);
  },
});
const { requests, operations, statuses, faults, slowest, lastWords } = report;
const isClean = faults.length === 0 && lastWords === '' && requests > 0;
if (values.json) {
  process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
} else {
  const told = Object.entries(statuses).map(([status, times]) => `${status} ${times}`);
  const violations = faults.map(({ nth, operation, what, request }) => `request ${nth} (${operation}): ${what}\n  ${request}`);
  process.stdout.write(
    `\n${requests} requests to ${operations} operations (seed ${values.seed}, from ${values.from}) in ${((performance.now() - began) / 1000).toFixed(0)} s\n` +
      `answers: ${told.join(', ')}; slowest: request ${slowest.nth}, ${slowest.ms} ms\n` +
      `${isClean ? 'no violation' : [...violations, ...(lastWords === '' ? [] : [`the server logged:\n${lastWords}`])].join('\n')}\n`,
  );
}
process.exitCode = isClean ? 0 : 1;
