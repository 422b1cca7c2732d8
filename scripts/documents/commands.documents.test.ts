import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { createClient, type Client } from '@safelight/client';
import { expect, onTestFinished, test } from 'vitest';

import { startProduct } from '../../packages/server/test/support/product.ts';
import { commandReference, commandsOf, root } from './pages.ts';
import { runScript } from './run-script.ts';
import { writeScript } from './write-script.ts';

/** Stands for any record in the examples. */
const anyId = '01993a3e-5a7d-7c3e-9d7c-1f1a4f0f6c11';

// Half a minute on a quiet machine: sixty processes, one after another.
test('the examples of the command line are run beside a product that has what they are about', { timeout: 400_000 }, async () => {
  const place = await mkdtemp(path.join(tmpdir(), 'safelight-commands-'));
  const dataDir = path.join(place, 'data');
  const product = await startProduct('start', { dataDir });
  onTestFinished(async () => {
    await product.stop();
    await rm(place, { recursive: true, force: true });
  });
  const { mediaId, jobId } = await fill(createClient({ baseURL: product.url, token: product.token }));
  const blocks = commandsOf(commandReference).map((block) => ({
    ...block,
    text: block.text.replaceAll(/^safelight jobs .*$/gm, (line) => line.replace(anyId, jobId)).replaceAll(anyId, mediaId),
  }));
  expect(blocks.length).toBeGreaterThan(20);
  const { code, said } = await runScript(writeScript(blocks, product.url), { place, dataDir, product });
  expect(code, said).toBe(0);
});

/** A photo, the job that made it, and a purchase of a file. */
async function fill(client: Client): Promise<{ mediaId: string; jobId: string }> {
  const photo = new File([await readFile(path.join(root, 'docs/images/console.png'))], 'photo.png', { type: 'image/png' });
  const { media } = await client.upload(photo, { collection: 'listing.photos', entityType: 'listing', entityId: '9f3' }).result;
  const sold = await client.upload(new File(['a song'], 'song.bin'), { collection: 'product.files', entityType: 'product', entityId: '9f3' }).result;
  await client.grants.create({ transaction: 'order-1042', assetIds: [media.id, sold.media.id], buyerId: 'ada', maxDownloads: 5 });
  const [job] = (await client.jobs.list({ state: 'complete' })).jobs;
  return { mediaId: media.id, jobId: job?.id ?? expect.fail('no job has made the photo') };
}
