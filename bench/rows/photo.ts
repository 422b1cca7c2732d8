import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';

import { photoLike } from '../../packages/server/test/support/pictures.ts';
import { median, ratioFigure, type BenchOptions, type Figure, type Result } from '../figures.ts';
import { followEvents, type Following } from '../follow-events.ts';
import { treeCpuMs } from '../processes.ts';
import { startProduct, type Product } from '../product.ts';
import { uploadFile } from '../upload-file.ts';

const corpus = path.resolve(import.meta.dirname, '../../../shared/corpus/images');
const repository = path.resolve(import.meta.dirname, '../..');
const goal = 1.25;

type Photo = { name: string; type: string; file: string };

/**
 * A photo from its upload until it is published, under the rules of `listing.photos`: five WebP variants and a blur, including everything that is
 * written for it. CPU of all processes of the product, Postgres and decoders too, compared with one decode and the bare encoders.
 */
export async function photo({ rounds, smoke, directory }: BenchOptions): Promise<Result> {
  const { photos, missing } = await photosIn(directory, smoke);
  const photosEachTime = smoke ? 1 : 3;
  const product = await startProduct('start', { dataDir: path.join(directory, 'data') });
  const following = await followEvents(product);
  const figures: Figure[] = [];
  try {
    for (const { name, type, file } of photos) {
      const floor = fork(path.join(import.meta.dirname, '../photo-floor.ts'), [file], { env: { ...process.env, MALLOC_ARENA_MAX: '2' } });
      const bytes = await readFile(file);
      const measureFloor = async (count: number): Promise<number> => {
        floor.send(count);
        const [cpuMs] = (await once(floor, 'message')) as [number];
        return cpuMs;
      };
      const publish = async (): Promise<number> => await publishPhoto(product, following, { name: path.basename(file), type, bytes });
      await measureFloor(1);
      // Decoders start, code is compiled.
      for (let warm = 0; warm < (smoke ? 1 : 5); warm++) await publish();
      const [ours, bare, times]: number[][] = [[], [], []];
      for (let round = 0; round < rounds; round++) {
        bare?.push(await measureFloor(photosEachTime));
        const before = await treeCpuMs(product.pid);
        for (let made = 0; made < photosEachTime; made++) times?.push(await publish());
        ours?.push(((await treeCpuMs(product.pid)) - before) / photosEachTime);
      }
      floor.disconnect();
      figures.push(ratioFigure(`${name}, CPU of all processes`, 'ms', ours ?? [], bare ?? [], goal));
      figures.push({ what: `${name}, from upload to published, idle`, value: median(times ?? []), unit: 'ms' });
    }
    const before = await treeCpuMs(product.pid);
    const idleMs = smoke ? 500 : 5_000;
    await new Promise((resolve) => setTimeout(resolve, idleMs));
    figures.push({ what: 'CPU of all processes in a second without work', value: ((await treeCpuMs(product.pid)) - before) / (idleMs / 1000), unit: 'ms' });
    return { name: 'photo', title: 'A 12 MP photo, from upload to published, against one decode and the bare encoders', figures, missing };
  } finally {
    following.stop();
    await product.stop();
  }
}

async function publishPhoto(product: Product, following: Following, file: { name: string; type: string; bytes: Buffer }): Promise<number> {
  const began = performance.now();
  // Each in a listing of its own, so that none is the tenth photo of a long list.
  const { id } = await uploadFile(product, { collection: 'listing.photos', entityType: 'listing', entityId: `bench-${Math.round(began * 1000)}` }, file);
  await following.told(id, 'media_published');
  return performance.now() - began;
}

/** One that everybody has, and real phone photos if the corpus is beside the repository. */
async function photosIn(directory: string, smoke: boolean): Promise<{ photos: Photo[]; missing: string[] }> {
  const pixels = smoke ? await photoLike(1200, 900) : await photoLike(4032, 3024);
  const made = path.join(directory, 'made.jpg');
  await writeFile(made, await sharp(pixels.data, { raw: pixels }).jpeg({ quality: 90 }).toBuffer());
  const real = [
    { name: 'phone JPEG', type: 'image/jpeg', file: path.join(corpus, 'ultrahdr_gainmap_12mp.jpg') },
    { name: 'phone HEIC', type: 'image/heic', file: path.join(corpus, 'heic_iphone_grid_12mp_gps.heic') },
  ];
  const wanted = smoke ? [] : real;
  return {
    photos: [{ name: 'made JPEG', type: 'image/jpeg', file: made }, ...wanted.filter(({ file }) => existsSync(file))],
    missing: wanted
      .filter(({ file }) => !existsSync(file))
      .map(({ name, file }) => `${name}: there is no ${path.relative(repository, file)} beside this repository.`),
  };
}
