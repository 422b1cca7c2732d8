/**
 * Damaged pictures through the decoders: `npm run fuzz:images -- --count 14000 --seed 1 [--from 0] [--seconds 60] [--json]`. Exits with 1 if an
 * answer was unacceptable, if anything outlived its case, or if memory or descriptors grew.
 */
import { parseArgs } from 'node:util';
import { fuzzImages } from './fuzz-images.ts';

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '2000' },
    seed: { type: 'string', default: '1' },
    from: { type: 'string', default: '0' },
    seconds: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
/** Far above the variation from buffers in use, far below one leaked picture each time. */
const maxRssGrowth = 96 * 2 ** 20;
const maxDescriptorGrowth = 8;

const count = Number(values.count);
const began = performance.now();
const report = await fuzzImages({
  count,
  seed: Number(values.seed),
  from: Number(values.from),
  ...(values.seconds === undefined ? {} : { seconds: Number(values.seconds) }),
  onCase: (done) => {
    if (process.stderr.isTTY && done % 20 === 0) process.stderr.write(`\r${done}/${count}`);
  },
});
const { cases, seeds, verdicts, decodersLost, faults, leftovers, rssGrowth, descriptorGrowth, slowest } = report;
const violations = [
  ...faults.map(({ nth, what, file }) => `case ${nth}: ${what} (kept as ${file})`),
  ...leftovers.map((name) => `left behind: ${name}`),
  ...(rssGrowth > maxRssGrowth ? [`memory grew by ${Math.round(rssGrowth / 2 ** 20)} MB`] : []),
  ...(descriptorGrowth > maxDescriptorGrowth ? [`open descriptors grew by ${descriptorGrowth}`] : []),
];
if (values.json) {
  process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
} else {
  const told = Object.entries(verdicts)
    .toSorted(([, a], [, b]) => b - a)
    .map(([verdict, times]) => `${verdict} ${times}`);
  process.stdout.write(
    `\n${cases} damaged copies of ${seeds} pictures (seed ${values.seed}, from ${values.from}) in ${((performance.now() - began) / 1000).toFixed(0)} s\n` +
      `verdicts: ${told.join(', ')}\n` +
      `decoders lost: ${decodersLost.length}; slowest: case ${slowest.nth}, ${slowest.ms} ms; memory ${(rssGrowth / 2 ** 20).toFixed(0)} MB, descriptors ${descriptorGrowth >= 0 ? '+' : ''}${descriptorGrowth}\n` +
      `${violations.length === 0 ? 'no violation' : violations.join('\n')}\n`,
  );
}
process.exitCode = violations.length > 0 ? 1 : 0;
