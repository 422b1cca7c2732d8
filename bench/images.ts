/**
 * What a photo costs: CPU, memory, bytes and quality of canonical + five WebP variants + blur, compared with the bare codecs and with the usual way
 * (one sharp pipeline for each output). `node --conditions=safelight-source bench/images.ts [--rounds N]`.
 *
 * Every row runs in a separate process; rounds are interleaved, and ratios are taken within a round, so that other load affects all rows alike.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { photoLike } from '../packages/server/test/support/pictures.ts';
import type { Measured, Work } from './images/measure-row.ts';
import { drawBars } from './images/draw-bars.ts';
import { drawFlame } from './images/draw-flame.ts';
import { measureSteps } from './images/measure-steps.ts';
import { isIpxInstalled, rowNames, type Output, type RowName } from './images/rows.ts';
import { openReference, similarity } from './images/similarity.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '7' }, only: { type: 'string' } } });
const rounds = Number(values.rounds);
const corpus = new URL('../../shared/corpus/images/', import.meta.url);

type Picture = { name: string; path: string };

async function pictures(directory: string): Promise<Picture[]> {
  const photo = await photoLike(4032, 3024);
  const write = async (name: string, bytes: Buffer): Promise<Picture> => {
    const path = join(directory, name.replaceAll(' ', '-'));
    await writeFile(path, bytes);
    return { name, path };
  };
  const raw = sharp(photo.data, { raw: photo });
  const made = [
    await write('12 MP JPEG', await raw.clone().jpeg({ quality: 90 }).toBuffer()),
    await write('12 MP JPEG turned', await raw.clone().withMetadata({ orientation: 6 }).jpeg({ quality: 90 }).toBuffer()),
    await write('12 MP JPEG Display P3', await raw.clone().withIccProfile('p3').jpeg({ quality: 90 }).toBuffer()),
  ];
  if (!existsSync(corpus)) return made;
  const real = [
    { name: '12 MP JPEG phone', path: fileURLToPath(new URL('ultrahdr_gainmap_12mp.jpg', corpus)) },
    { name: '12 MP HEIC phone', path: fileURLToPath(new URL('heic_iphone_grid_12mp_gps.heic', corpus)) },
  ];
  return [...made, ...real];
}

/** A process that does the work of one row again and again, on demand. */
async function startRow(row: RowName, picture: Picture): Promise<{ measure(): Promise<Measured>; close(): void }> {
  const child: ChildProcess = fork(fileURLToPath(new URL('./images/measure-row.ts', import.meta.url)), [row], {
    execArgv: ['--conditions=safelight-source', '--no-warnings'],
    serialization: 'advanced',
    env: { ...process.env, MALLOC_ARENA_MAX: '2' },
  });
  const ask = async (work: Work): Promise<Measured> => {
    child.send(work);
    const [answer] = (await Promise.race([once(child, 'message'), once(child, 'exit').then(() => Promise.reject(new Error(`${row} ended`)))])) as [Measured];
    return answer;
  };
  await ask({ row, path: picture.path });
  return { measure: () => ask({ row, path: picture.path }), close: () => child.kill() };
}

const median = (numbers: number[]): number => numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN;

async function benchPicture(picture: Picture) {
  // ipx decodes with sharp alone, which cannot read HEIC.
  const names = rowNames.filter((name) => name !== 'ipx' || (isIpxInstalled && !picture.path.endsWith('.heic')));
  const rows = await Promise.all(names.map(async (name) => ({ name, process: await startRow(name, picture), measured: [] as Measured[] })));
  for (let round = 0; round < rounds; round++) for (const row of rows) row.measured.push(await row.process.measure());
  for (const row of rows) row.process.close();

  const floor = rows.find(({ name }) => name === 'floor')?.measured ?? [];
  const source = await readFile(picture.path);
  const reference = await openReference(source);
  const compare = async ({ role, bytes }: Output) => ({ role, bytes: bytes.length, ...(await similarity(reference, bytes)) });
  const results = [];
  for (const { name, measured } of rows) {
    const outputs = measured.at(-1)?.outputs ?? [];
    results.push({
      row: name,
      cpuMs: median(measured.map(({ cpuMs }) => cpuMs)),
      leastCpuMs: Math.min(...measured.map(({ cpuMs }) => cpuMs)),
      ratioToFloor: median(measured.map(({ cpuMs }, round) => cpuMs / (floor[round]?.cpuMs ?? Number.NaN))),
      wallMs: median(measured.map(({ wallMs }) => wallMs)),
      imagesPerSecond: 1000 / median(measured.map(({ wallMs }) => wallMs)),
      peakRssMb: Math.max(...measured.map(({ peakRssBytes }) => peakRssBytes)) / 2 ** 20,
      bytes: outputs.reduce((sum, { bytes }) => sum + bytes.length, 0),
      // The decoder process makes the same bytes as the pipeline.
      variants: name === 'naive' || name === 'ipx' || name === 'pipeline' ? await Promise.all(outputs.map(compare)) : [],
    });
  }
  return { picture: picture.name, sourceBytes: source.length, rows: results };
}

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const directory = await mkdtemp(join(tmpdir(), 'safelight-bench-'));
try {
  const results = [];
  const photos = await pictures(directory);
  for (const picture of photos.filter(({ name }) => values.only === undefined || name === values.only)) {
    const result = await benchPicture(picture);
    results.push(result);
    print(`\n${result.picture} (${(result.sourceBytes / 1e6).toFixed(1)} MB), ${rounds} rounds`);
    print('row                 CPU ms  (least)  × floor  images/s   peak MB   output kB');
    for (const row of result.rows) {
      const cells = [
        row.cpuMs.toFixed(0).padStart(8),
        row.leastCpuMs.toFixed(0).padStart(8),
        row.ratioToFloor.toFixed(2).padStart(8),
        row.imagesPerSecond.toFixed(2).padStart(9),
      ];
      print(`${row.row.padEnd(18)}${cells.join(' ')} ${row.peakRssMb.toFixed(0).padStart(9)} ${(row.bytes / 1000).toFixed(0).padStart(11)}`);
    }
    for (const { row, variants } of result.rows) {
      for (const { role, bytes, ssim, psnr } of variants) {
        print(`  ${role.padEnd(14)} ${row.padEnd(9)} ${(bytes / 1000).toFixed(1).padStart(7)} kB  SSIM ${ssim.toFixed(4)}  ${psnr.toFixed(1)} dB`);
      }
    }
  }
  if (!isIpxInstalled) print('\nwithout ipx: npm ci --prefix bench/peers installs it');
  const file = new URL('./results/images.json', import.meta.url);
  await writeFile(file, `${JSON.stringify({ at: new Date().toISOString(), node: process.version, sharp: sharp.versions, rounds, results }, null, 2)}\n`);
  if (values.only === undefined) {
    const drawings = new URL('../docs/images/', import.meta.url);
    await writeFile(new URL('photo-cost.svg', drawings), drawBars(results));
    const steps = await measureSteps(results.length > 3 ? photos.slice(3) : photos.slice(0, 1), Math.max(5, rounds));
    for (const { name, root } of steps) await writeFile(new URL(`photo-steps-${name.includes('HEIC') ? 'heic' : 'jpeg'}.svg`, drawings), drawFlame(name, root));
  }
  print(`\nwritten to ${fileURLToPath(file)}`);
} finally {
  await rm(directory, { recursive: true, force: true });
}
