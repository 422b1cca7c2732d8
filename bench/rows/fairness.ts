import path from 'node:path';
import sharp from 'sharp';

import { mintToken } from '../../packages/server/src/bin/mint-token.ts';
import { photoLike } from '../../packages/server/test/support/pictures.ts';
import { median, type BenchOptions, type Result } from '../figures.ts';
import { followEvents } from '../follow-events.ts';
import { benchSecret, startProduct, type Product } from '../product.ts';
import { uploadFile } from '../upload-file.ts';

const times = 3;

/** How long it takes until one owner's photo is published while thousands of another owner's wait before it. */
export async function fairness({ smoke, directory }: BenchOptions): Promise<Result> {
  const backlog = smoke ? 20 : 2_000;
  const dataDir = path.join(directory, 'data');
  const pixels = await photoLike(1600, 1200);
  const file = { name: 'photo.jpg', type: 'image/jpeg', bytes: await sharp(pixels.data, { raw: pixels }).jpeg({ quality: 85 }).toBuffer() };
  const send = async (product: Product, owner: string, entityId: string): Promise<string> =>
    (await uploadFile({ ...product, token: await tokenOf(owner) }, { collection: 'listing.photos', entityType: 'listing', entityId }, file)).id;
  // No worker runs yet.
  const receiving = await startProduct('serve', { dataDir });
  try {
    await eightAtOnce(backlog, async (n) => void (await send(receiving, 'bulk', `bulk-${Math.floor(n / 10)}`)));
  } finally {
    await receiving.stop();
  }
  const product = await startProduct('start', { dataDir });
  const following = await followEvents(product);
  try {
    const took: number[] = [];
    for (let time = 0; time < times; time += 1) {
      const began = performance.now();
      await following.told(await send(product, 'single', `single-${time}`), 'media_published');
      took.push(performance.now() - began);
    }
    return {
      name: 'fairness',
      title: `A photo behind another owner’s backlog of ${backlog.toLocaleString('en')}`,
      figures: [
        { what: 'from its upload to published', value: median(took), unit: 'ms', goal: 5_000 },
        { what: 'the slowest', value: Math.max(...took), unit: 'ms', goal: 5_000 },
      ],
      detail: { took },
    };
  } finally {
    following.stop();
    await product.stop();
  }
}

const tokenOf = async (sub: string): Promise<string> =>
  await mintToken({ secret: benchSecret, issuer: null, audience: null, jwksUrl: null }, { sub, scope: 'media:read media:write', expires: '1h' });

async function eightAtOnce(count: number, work: (n: number) => Promise<void>): Promise<void> {
  let next = 0;
  const one = async (): Promise<void> => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: 8 }, one));
}
