import sharp from 'sharp';
import { expect, test } from 'vitest';

import { testDatabase } from '../../test/support/database.ts';
import { jobInState } from '../../test/support/jobs.ts';
import { openPhotoSite } from '../../test/support/photo-site.ts';

const database = await testDatabase({ max: 12 });

test.each<[NodeJS.Signals, string]>([
  ['SIGSEGV', 'corrupt_media'],
  ['SIGKILL', 'resource_limit'],
])('a picture that ends its decoder by %s has failed after the first time, leaves nothing, and the next one is well', async (signal, code) => {
  const site = await openPhotoSite(database, { outputs: [{ role: 'preview' }, { role: 'thumbnail', maxSide: 20 }] });
  const good = await sharp({ create: { width: 80, height: 60, channels: 3, background: '#2060c0' } })
    .jpeg()
    .toBuffer();
  const poison = Buffer.concat([good, Buffer.from('poison')]);
  const { decoders } = site.ctx.site;
  let deaths = 0;
  site.ctx.site.decoders = {
    ...decoders,
    run: async (job, options) =>
      await decoders.run(job, {
        ...options,
        onOutput: async (output) => {
          await options.onOutput(output);
          // In the middle of its work, like a bug in a codec would: it waits for this output to be stored.
          if (deaths > 0 || output.role !== 'preview') return;
          deaths++;
          for (const { pid, isBusy } of decoders.status().decoders) if (isBusy) process.kill(pid, signal);
        },
      }),
  };
  await site.startWorker();
  const { jobId } = await site.begin(poison);
  expect(await jobInState(site.db, jobId, 'failed')).toMatchObject({ attempts: 1, error: { code, retryable: false } });
  expect(deaths).toBe(1);
  await expect.poll(site.disagreements).toEqual([]);
  await site.add(good);
});
