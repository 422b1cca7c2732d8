import path from 'node:path';
import sharp from 'sharp';

import { quantile, type BenchOptions, type Result } from '../figures.ts';
import { followEvents } from '../follow-events.ts';
import { startProduct } from '../product.ts';
import { uploadFile } from '../upload-file.ts';

/** From the commit that queues a job to the start of its handler, by the clock of the database; one job at a time. */
export async function jobStart({ smoke, directory }: BenchOptions): Promise<Result> {
  const product = await startProduct('start', { dataDir: path.join(directory, 'data') });
  const following = await followEvents(product);
  try {
    const bytes = await sharp({ create: { width: 32, height: 32, channels: 3, background: '#aa3300' } })
      .png()
      .toBuffer();
    const waits: number[] = [];
    const jobs = smoke ? 5 : 200;
    for (let job = 0; job < jobs + 5; job++) {
      const { id } = await uploadFile(product, { collection: 'user.library' }, { name: 'dot.png', type: 'image/png', bytes });
      const [queued, started] = await Promise.all([
        following.told(id, 'upload_complete'),
        following.told(id, 'processing_started'),
        following.told(id, 'processing_complete'),
      ]);
      // The first few compile the code.
      if (job >= 5) waits.push(started.at.getTime() - queued.at.getTime());
    }
    return {
      name: 'job-start',
      title: `Start of a job, ${jobs} one after the other`,
      figures: [
        { what: 'p50', value: quantile(waits, 0.5), unit: 'ms' },
        { what: 'p99', value: quantile(waits, 0.99), unit: 'ms' },
      ],
      detail: { waits },
    };
  } finally {
    following.stop();
    await product.stop();
  }
}
