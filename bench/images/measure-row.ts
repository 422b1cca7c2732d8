/** The process of one row: does its work on demand and reports the cost, including the decoder processes that it used. */
import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { rows, type Output, type RowName } from './rows.ts';

export type Work = { row: RowName; path: string };
export type Measured = { cpuMs: number; wallMs: number; peakRssBytes: number; outputs: Output[] };

const photosEachTime = 3;
const ticksPerSecond = 100;

sharp.cache(false);
sharp.concurrency(1);

// As in a decoder process: the gain map of Ultra HDR photos is not read. The naive row keeps the default of applications.
if (process.argv[2] !== 'naive') sharp.block({ operation: ['VipsForeignLoadUhdr'] });

process.on('disconnect', () => process.exit(0));
process.on('message', (work: Work) => {
  void measure(work).then((measured) => process.send?.(measured));
});

async function measure({ row, path }: Work): Promise<Measured> {
  const source = await readFile(path);
  // Once before the clock starts: child processes start, code is compiled, floors are prepared.
  const { outputs, helpers } = await rows[row](source, path);
  const helpersBefore = await cpuOf(helpers);
  const before = process.cpuUsage();
  const began = performance.now();
  for (let i = 0; i < photosEachTime; i++) await rows[row](source, path);
  const wallMs = (performance.now() - began) / photosEachTime;
  const { user, system } = process.cpuUsage(before);
  const cpuMs = ((user + system) / 1000 + (await cpuOf(helpers)) - helpersBefore) / photosEachTime;
  // The pixels are where the codecs run. `maxRSS` of a forked process starts at its parent's, so the kernel's own peak is read.
  const peaks = await Promise.all((helpers.length > 0 ? helpers : [process.pid]).map(peakOf));
  return { cpuMs, wallMs, peakRssBytes: Math.max(...peaks), outputs };
}

async function cpuOf(pids: number[]): Promise<number> {
  let ms = 0;
  for (const pid of pids) {
    const fields = (await readFile(`/proc/${pid}/stat`, 'latin1')).split(') ')[1]?.split(' ') ?? [];
    ms += ((Number(fields[11]) + Number(fields[12])) * 1000) / ticksPerSecond;
  }
  return ms;
}

async function peakOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'latin1');
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024;
}
