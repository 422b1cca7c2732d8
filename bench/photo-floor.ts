/** The minimum cost of a listing photo: one decode and the bare encoders, in a separate process. It receives a count, and returns the CPU of one. */
import { readFile } from 'node:fs/promises';
import sharp from 'sharp';

import config from '../safelight.config.ts';
import { floorOf } from './images/rows.ts';

const [path = ''] = process.argv.slice(2);
sharp.cache(false);
sharp.concurrency(1);
// As in a decoder process: the gain map of Ultra HDR photos is not read.
sharp.block({ operation: ['VipsForeignLoadUhdr'] });

const source = await readFile(path);
const floor = floorOf(
  (config.collections['listing.photos']?.image?.outputs ?? []).map(({ effort, maxShare: _, ...rule }) => (effort === undefined ? rule : { ...rule, effort })),
);

process.on('disconnect', () => process.exit(0));
process.on('message', (photos: number) => {
  void (async () => {
    const before = process.cpuUsage();
    for (let made = 0; made < photos; made++) await floor(source, path);
    const { user, system } = process.cpuUsage(before);
    process.send?.((user + system) / 1000 / photos);
  })();
});
