/**
 * `npm run soak -- [--count 2000] [--at-once 4] [--seed 1]`: various photos through the whole product, one `start` process with its Postgres and its
 * decoders, and a check for growth. Each block of 200 has the same photos in another order, so that blocks can be compared.
 *
 * Exits with 1 if a photo had the wrong outcome, if memory or descriptors grew, or if the last block cost more CPU than the first. Wall time is
 * reported and not judged, because on a shared machine it depends on others.
 */
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { followEvents } from './follow-events.ts';
import { residentMb, treeCpuMs, treeProcesses } from './processes.ts';
import { startProduct, type Product } from './product.ts';
import { mixPhotos, shuffled } from './soak/mix-photos.ts';
import { uploadFile } from './upload-file.ts';

const { values } = parseArgs({
  options: { count: { type: 'string', default: '2000' }, 'at-once': { type: 'string', default: '4' }, seed: { type: 'string', default: '1' } },
});
const count = Number(values.count);
const blockSize = Math.min(200, Math.max(10, Math.floor(count / 4)));
const atOnce = Number(values['at-once']);

/** Growth beyond this is not noise. CPU is only judged for whole blocks: short ones are noise. */
const allowed = { apiMb: 20, workerMb: 60, descriptors: 6, cpuRatio: blockSize < 200 ? Number.POSITIVE_INFINITY : 1.05 };

type Block = { photos: number; seconds: number; cpuMs: number; apiMb: number; decodersMb: number; postgresMb: number; descriptors: number; processes: number };

const print = (line: string): void => void process.stdout.write(`${line}\n`);

async function openDescriptors(pid: number): Promise<number> {
  return (await readdir(`/proc/${pid}/fd`).catch(() => [])).length;
}

async function look(product: Product): Promise<Pick<Block, 'apiMb' | 'decodersMb' | 'postgresMb' | 'descriptors' | 'processes'>> {
  const tree = await treeProcesses(product.pid);
  const sum = async (isOne: (command: string) => boolean): Promise<number> => {
    const sizes = await Promise.all(tree.filter(({ command }) => isOne(command)).map(({ pid }) => residentMb(pid)));
    return sizes.reduce((total, size) => total + size, 0);
  };
  const decoders = tree.filter(({ command }) => command.includes('decoder-child'));
  const descriptors = await Promise.all([product.pid, ...decoders.map(({ pid }) => pid)].map(openDescriptors));
  return {
    apiMb: await residentMb(product.pid),
    decodersMb: await sum((command) => command.includes('decoder-child')),
    postgresMb: await sum((command) => command.includes('postgres')),
    descriptors: descriptors.reduce((total, open) => total + open, 0),
    processes: tree.length,
  };
}

const directory = await mkdtemp(path.join(tmpdir(), 'safelight-soak-'));
const wrong: string[] = [];
const blocks: Block[] = [];
try {
  const mix = await mixPhotos(blockSize);
  const product = await startProduct('start', { dataDir: path.join(directory, 'data'), env: { SAFELIGHT_LOG_LEVEL: 'error' } });
  const following = await followEvents(product);
  const send = async (nth: number, block: readonly (typeof mix)[number][]): Promise<void> => {
    const photo = block[nth % block.length];
    if (photo === undefined) return;
    // Ten to a listing, like sellers do.
    const entityId = `soak-${Math.floor(nth / 10)}`;
    try {
      const { id } = await uploadFile(product, { collection: 'listing.photos', entityType: 'listing', entityId }, photo);
      const outcome = await Promise.race([
        following.told(id, 'media_published').then(
          () => 'ready',
          () => 'failed',
        ),
        following.told(id, 'processing_failed').then(
          () => 'failed',
          () => 'failed',
        ),
      ]);
      following.forget(id);
      if (outcome !== photo.expected) wrong.push(`${photo.name}: ${outcome} instead of ${photo.expected}`);
    } catch (error) {
      if (photo.expected !== 'refused') wrong.push(`${photo.name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  try {
    // Decoders start, meet the largest pictures, code is compiled: not counted.
    const each = [...new Set(mix)];
    for (let turn = 0; turn < 4; turn++) await Promise.all(each.map(async (_, nth) => await send(nth, each)));
    for (let done = 0; done < count; done += blockSize) {
      const block = shuffled(mix, Number(values.seed) + done);
      let next = done;
      const [began, cpuBefore] = [performance.now(), await treeCpuMs(product.pid)];
      await Promise.all(
        Array.from({ length: atOnce }, async () => {
          while (next < done + blockSize) await send(next++, block);
        }),
      );
      const cpuMs = (await treeCpuMs(product.pid)) - cpuBefore;
      const told = { photos: blockSize, seconds: (performance.now() - began) / 1000, cpuMs, ...(await look(product)) };
      blocks.push(told);
      if (blocks.length === 1) print('photos   photos/s   CPU ms/photo   API MB   decoders MB   Postgres MB   descriptors   processes');
      print(
        [
          String(done + blockSize).padStart(6),
          (told.photos / told.seconds).toFixed(2).padStart(10),
          (told.cpuMs / told.photos).toFixed(0).padStart(14),
          told.apiMb.toFixed(0).padStart(8),
          told.decodersMb.toFixed(0).padStart(13),
          told.postgresMb.toFixed(0).padStart(13),
          String(told.descriptors).padStart(13),
          String(told.processes).padStart(11),
        ].join(' '),
      );
    }
  } finally {
    following.stop();
    await product.stop();
  }
} finally {
  await rm(directory, { recursive: true, force: true });
}

const [first, last] = [blocks[0], blocks.at(-1)];
if (first === undefined || last === undefined) throw new Error('Nothing was sent.');
// The memory of the service rises until it is collected, and falls again: the minimum of several blocks shows what it cannot release.
const half = Math.ceil(blocks.length / 2);
const least = (part: readonly Block[]): number => Math.min(...part.map(({ apiMb }) => apiMb));
const apiGrowthMb = least(blocks.slice(half)) - least(blocks.slice(0, half));
// In the first block caches are still filling; what counts is whether memory keeps growing.
const settled = blocks[Math.floor(blocks.length / 4)] ?? first;
const violations = [
  ...[...new Set(wrong)].slice(0, 20),
  ...(apiGrowthMb > allowed.apiMb ? [`the API grew by ${apiGrowthMb.toFixed(0)} MB`] : []),
  ...(last.decodersMb - settled.decodersMb > allowed.workerMb ? [`the decoders grew by ${(last.decodersMb - settled.decodersMb).toFixed(0)} MB`] : []),
  ...(last.descriptors - settled.descriptors > allowed.descriptors ? [`open descriptors grew by ${last.descriptors - settled.descriptors}`] : []),
  ...(last.cpuMs > first.cpuMs * allowed.cpuRatio ? [`the last ${blockSize} cost ${(last.cpuMs / first.cpuMs).toFixed(3)} × the CPU of the first`] : []),
];
print(
  `last ${blockSize} against first: CPU ${(last.cpuMs / first.cpuMs).toFixed(3)} ×, throughput ${((first.seconds / last.seconds) * (last.photos / first.photos)).toFixed(3)} ×`,
);
print(violations.length === 0 ? 'no violation' : violations.join('\n'));
const results = path.join(import.meta.dirname, 'results/soak.json');
await writeFile(results, `${JSON.stringify({ at: new Date().toISOString(), count, atOnce, blocks, violations }, null, 2)}\n`);
process.exitCode = violations.length > 0 ? 1 : 0;
