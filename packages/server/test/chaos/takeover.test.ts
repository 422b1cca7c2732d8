import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { describe, expect, onTestFinished, test } from 'vitest';

import { signalGroup, startProduct, type Product } from '../support/product.ts';
import { startTcpPostgres } from '../support/tcp-postgres.ts';
import { compareByHand, filesIn, passADay, safelight, withDatabase } from './support/account.ts';
import { clientOf, largePhoto, type Client } from './support/uploads.ts';

type Setting = { client: Client; first: Product; startSecond(): Promise<Product>; check(): Promise<void> };

/** A server and one worker, with another worker to come. */
async function setting(): Promise<Setting> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'safelight-takeover-'));
  onTestFinished(async () => await rm(dataDir, { recursive: true, force: true }));
  const postgres = await startTcpPostgres();
  onTestFinished(async () => await postgres.close());
  const env = { DATABASE_URL: postgres.url, SAFELIGHT_LOG_LEVEL: 'info' };
  const products: Product[] = [];
  const start = async (command: 'serve' | 'worker'): Promise<Product> => {
    const product = await startProduct(command, { dataDir, env });
    products.push(product);
    return product;
  };
  const stop = async (): Promise<void> => {
    for (const { pid } of products) signalGroup(pid, 'SIGCONT');
    await Promise.all(products.map((product) => product.stop()));
  };
  onTestFinished(stop);
  const server = await start('serve');
  return {
    client: clientOf({ url: () => server.url, token: server.token }),
    first: await start('worker'),
    startSecond: async () => await start('worker'),
    async check() {
      await stop();
      await withDatabase({ dataDir, databaseUrl: postgres.url }, passADay);
      expect(await safelight(['storage', 'sweep'], { dataDir, env })).toMatchObject({ code: 0 });
      expect(await safelight(['storage', 'check', '--json'], { dataDir, env })).toMatchObject({ code: 0 });
      expect(await withDatabase({ dataDir, databaseUrl: postgres.url }, async (client) => await compareByHand(client, await filesIn(dataDir)))).toMatchObject({
        missing: [],
        unknown: [],
        unfinished: [],
      });
    },
  };
}

/** Signals the worker while it runs the job; returns the job. */
async function signalAtWork({ client, first }: Setting, signal: 'SIGKILL' | 'SIGSTOP'): Promise<{ jobId: string; id: string }> {
  const photo = await largePhoto();
  for (;;) {
    const uploaded = await client.upload(photo);
    await expect.poll(async () => (await client.media(uploaded.id)).status, { interval: 2, timeout: 20_000 }).not.toBe('pending');
    process.kill(first.pid, signal);
    if ((await client.job(uploaded.jobId)).state === 'active') return uploaded;
    // The worker was faster than the test; a stopped one can try again.
    process.kill(first.pid, 'SIGCONT');
  }
}

describe('a worker that dies', () => {
  test('has its job taken over by another one within ten seconds', async () => {
    const site = await setting();
    const { jobId, id } = await signalAtWork(site, 'SIGKILL');
    await site.startSecond();
    const ready = performance.now();
    await expect.poll(async () => (await site.client.job(jobId)).attempts, { timeout: 20_000, interval: 20 }).toBe(2);
    const seconds = (performance.now() - ready) / 1000;
    process.stdout.write(`takeover ${seconds.toFixed(1)} s after the other worker was ready\n`);
    expect(seconds).toBeLessThan(10);
    expect(await site.client.settled(id)).toMatchObject({ status: 'ready', published: true });
    expect(await site.client.job(jobId)).toMatchObject({ state: 'complete', attempts: 2 });
    await site.check();
  });

  test('and comes back late changes nothing, and leaves nothing', async () => {
    const site = await setting();
    const { jobId, id } = await signalAtWork(site, 'SIGSTOP');
    await site.startSecond();
    const media = await site.client.settled(id);
    expect(media).toMatchObject({ status: 'ready', published: true });
    const job = await site.client.job(jobId);

    process.kill(site.first.pid, 'SIGCONT');
    await expect.poll(() => site.first.output(), { timeout: 30_000, interval: 20 }).toMatch(/no longer holds its job|another follows/);
    expect(await site.client.media(id)).toEqual(media);
    expect(await site.client.job(jobId)).toEqual(job);
    for (const { src, byteSize } of Object.values(media.variants)) expect(await site.client.read(src)).toBe(byteSize);
    await site.check();
  });
});
