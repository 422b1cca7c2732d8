import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { describe, expect, onTestFinished, test } from 'vitest';

import { signalGroup, startProduct, type Exit, type Product } from '../support/product.ts';
import { safelight } from './support/account.ts';
import { descendantsOf, killHard, listProcesses, stillRunning, type Process } from './support/processes.ts';
import { clientOf, largePhoto } from './support/uploads.ts';

async function temporaryData(): Promise<string> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'safelight-stop-'));
  onTestFinished(async () => await rm(dataDir, { recursive: true, force: true }));
  return dataDir;
}

/** The product with six photos in work, one of which is being processed. */
async function busyProduct(
  dataDir: string,
  options: { npm?: true } = {},
): Promise<{ product: Product; family: Process[]; jobs: { jobId: string; id: string }[] }> {
  const product = await startProduct('start', { dataDir, ...options });
  onTestFinished(async () => void (await product.stop('SIGKILL')));
  const client = clientOf({ url: () => product.url, token: product.token });
  const photo = await largePhoto();
  const jobs = await Promise.all(Array.from({ length: 6 }, () => client.upload(photo)));
  await expect
    .poll(async () => await Promise.all(jobs.map(async ({ jobId }) => (await client.job(jobId)).state)), { interval: 5, timeout: 20_000 })
    .toContain('active');
  const all = listProcesses();
  return { product, jobs, family: [...all.filter(({ pid }) => pid === product.pid), ...descendantsOf(product.pid, all)] };
}

/** After the next start everything is finished, as if it had not been interrupted. */
async function expectFinished(dataDir: string, jobs: readonly { jobId: string; id: string }[], attempts: number): Promise<void> {
  const again = await startProduct('start', { dataDir });
  const client = clientOf({ url: () => again.url, token: again.token });
  for (const { jobId, id } of jobs) {
    expect(await client.settled(id)).toMatchObject({ status: 'ready', published: true });
    const job = await client.job(jobId);
    expect(job, JSON.stringify(job.error)).toMatchObject({ state: 'complete', attempts: expect.toSatisfy((count: number) => count <= attempts) });
  }
  expect(await again.stop()).toEqual({ code: 0, signal: null });
  expect(await safelight(['storage', 'check', '--json'], { dataDir })).toMatchObject({ code: 0 });
}

const killDatabase = (family: readonly Process[]): void => family.filter(({ command }) => /\bpostgres\b/.test(command)).forEach(({ pid }) => killHard(pid));

describe.skipIf(process.platform !== 'linux')('stopped in the middle of its work (needs Linux, to find the processes)', () => {
  test.each<[string, (product: Product) => void, { npm?: true }]>([
    ['by SIGTERM', ({ pid }) => process.kill(pid, 'SIGTERM'), {}],
    ['by Ctrl-C, which goes to its whole group', ({ pid }) => void signalGroup(pid, 'SIGINT'), {}],
  ])('%s it hands its jobs back, ends with 0 and leaves no process', async (_how, signal, options) => {
    const dataDir = await temporaryData();
    const { product, family, jobs } = await busyProduct(dataDir, options);
    expect(family.some(({ command }) => command.includes('postgres'))).toBe(true);
    signal(product);
    expect(await product.exited, product.output()).toEqual({ code: 0, signal: null });
    expect(stillRunning(family)).toEqual([]);
    await expectFinished(dataDir, jobs, 1);
  });

  test('Ctrl-C under npm leaves no process either', async () => {
    const dataDir = await temporaryData();
    const { product, family, jobs } = await busyProduct(dataDir, { npm: true });
    signalGroup(product.pid, 'SIGINT');
    await product.exited;
    await expect.poll(() => stillRunning(family), { timeout: 20_000 }).toEqual([]);
    await expectFinished(dataDir, jobs, 1);
  });

  // Both cut off what still runs after a while: waiting clients hear when to retry, with an error that blames nobody.
  test.each<[string, (product: Product, family: Process[], dataDir: string) => Promise<void>, Exit]>([
    ['when it is told to stop', async ({ pid }) => void process.kill(pid, 'SIGTERM'), { code: 0, signal: null }],
    [
      'when its database ends and cannot be started again',
      async (_product, family, dataDir) => {
        await writeFile(path.join(dataDir, 'postgres', 'PG_VERSION'), '9\n');
        killDatabase(family);
      },
      { code: 1, signal: null },
    ],
  ])('%s, an upload that its decoder keeps for too long is answered with 503', async (_when, end, exit) => {
    const dataDir = await temporaryData();
    const product = await startProduct('start', { dataDir });
    onTestFinished(async () => void (await product.stop('SIGKILL')));
    const family = (): Process[] => descendantsOf(product.pid);
    const photo = new Blob([new Uint8Array(await largePhoto())], { type: 'image/jpeg' });
    const upload = async (): Promise<Response> => {
      const form = new FormData();
      for (const [name, value] of Object.entries({ collection: 'artist.images', entityType: 'artist', entityId: '1' })) form.append(name, value);
      form.append('file', photo, 'a.jpg');
      return await fetch(`${product.url}/v1/media`, { method: 'POST', headers: { authorization: `Bearer ${product.token}` }, body: form });
    };
    expect((await upload()).status).toBe(201);
    for (const { pid, command } of family()) if (command.includes('decoder')) process.kill(pid, 'SIGSTOP');
    const answered = upload();
    await expect.poll(async () => await (await fetch(`${product.url}/metrics`)).text(), { timeout: 20_000 }).toMatch(/^safelight_decoders_busy 1$/m);
    await end(product, family(), dataDir);
    const answer = await answered;
    expect({ status: answer.status, again: answer.headers.has('retry-after'), body: await answer.json() }).toMatchObject({
      status: 503,
      again: true,
      body: { code: 'unavailable', detail: expect.stringContaining('shutting down') },
    });
    expect(await product.exited, product.output()).toEqual(exit);
  });

  test.each<[string, (product: Product, family: Process[]) => void, { npm?: true }]>([
    ['killed', ({ pid }) => void killHard(pid), {}],
    [
      'killed under npm',
      (_product, family) => family.filter(({ command }) => /safelight\.ts start/.test(command) && command.includes('node')).forEach(({ pid }) => killHard(pid)),
      { npm: true },
    ],
  ])('%s it leaves neither database nor decoder, and its jobs are taken over', async (_how, kill, options) => {
    const dataDir = await temporaryData();
    const { product, family, jobs } = await busyProduct(dataDir, options);
    kill(product, family);
    await product.exited;
    await expect.poll(() => stillRunning(family), { timeout: 30_000 }).toEqual([]);
    await expectFinished(dataDir, jobs, 2);
  });
});
