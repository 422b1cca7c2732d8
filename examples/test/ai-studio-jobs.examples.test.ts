import { readFile } from 'node:fs/promises';
import path from 'node:path';

import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';

import { describeInBrowser } from '../../packages/server/test/support/describe-in-browser.ts';
import { signalGroup, startProduct, type Product } from '../../packages/server/test/support/product.ts';
import { whyNoFfmpeg } from '../../packages/server/test/support/recordings.ts';
import { startTcpPostgres } from '../../packages/server/test/support/tcp-postgres.ts';
import { fileOf, walkExample } from './walk.ts';

const results = (page: Page) => page.getByRole('list', { name: 'Results' });
const generate = async (page: Page): Promise<void> => await page.getByRole('button', { name: 'Generate' }).click();

/** The development provider takes some time, like others. */
async function slowly(page: Page, delayMs: number): Promise<void> {
  await page.route('**/v1/generate/*', async (route) => {
    if (route.request().method() !== 'POST') return await route.continue();
    const asked = route.request().postDataJSON() as object;
    return await route.continue({ postData: { ...asked, providerOptions: { local: { delayMs } } } });
  });
}

/** How a file says that it was generated. */
const markOf = (bytes: Buffer): string | undefined => /DigitalSourceType="http:[^"]*\/(\w+)"/.exec(bytes.toString('latin1'))?.[1];

test('the upload page is the studio’s own code, word for word, with which the kit is tested', async () => {
  const [page, kits] = await Promise.all(
    ['../ai-studio/upload-page.tsx', '../../packages/react/test/pages/seed.tsx'].map((file) => readFile(path.join(import.meta.dirname, file), 'utf8')),
  );
  expect(page).toBe(kits);
});

describeInBrowser('ai-studio, with a worker of its own', () => {
  let worker: Product;
  let startWorker: () => Promise<Product>;
  const walk = walkExample('ai-studio', async (folder) => {
    const postgres = await startTcpPostgres();
    const env = { DATABASE_URL: postgres.url };
    const config = path.resolve(import.meta.dirname, '../../packages/server/templates/ai-studio/safelight.config.ts');
    startWorker = async () => await startProduct('worker', { dataDir: path.join(folder, 'data'), env: { ...env, SAFELIGHT_CONFIG: config } });
    worker = await startWorker();
    const end = async (): Promise<void> => {
      await worker.stop('SIGKILL');
      await postgres.close();
    };
    return { command: 'serve', env, end };
  });

  test('a job is cancelled, at once or while it runs, and has no further effects', async () => {
    const { page, close } = await walk.open('');
    const { jobs } = walk.manager();
    const statesOf = async (): Promise<string[]> => (await jobs.list({ type: 'generate.image' })).jobs.map(({ state }) => state);
    await slowly(page, 60_000);
    await generate(page);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await expect.poll(statesOf).toEqual(['cancelled']);
    await page.getByRole('button', { name: 'Cancel' }).waitFor({ state: 'detached' });
    await generate(page);
    await expect.poll(statesOf).toEqual(['active', 'cancelled']);
    await page.getByRole('button', { name: 'Cancel' }).press('Enter');
    await expect.poll(statesOf).toEqual(['cancelled', 'cancelled']);
    await page.getByRole('button', { name: 'Cancel' }).waitFor({ state: 'detached' });
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Generate');
    await page.locator('.soft').getByText('It was cancelled.').waitFor();
    await page.reload();
    await page.locator('[data-usage]').waitFor();
    expect(await page.getByText('It was cancelled.').count(), 'told once').toBe(0);
    expect(await results(page).getByRole('listitem').count()).toBe(0);
    await close();
  });

  test('the worker is killed while the page is open: another continues, and every picture exists once', async () => {
    const { page, close } = await walk.open('');
    await slowly(page, 8000);
    await page.getByLabel('How many').fill('2');
    await generate(page);
    await page.waitForFunction(() => sessionStorage.getItem('studio-job') !== null);
    const { jobs } = walk.manager();
    await expect.poll(async () => (await jobs.list({ type: 'generate.image', state: 'active' })).jobs.length).toBe(1);
    signalGroup(worker.pid, 'SIGKILL');
    worker = await startWorker();
    await results(page).locator('img').nth(1).waitFor({ timeout: 90_000 });
    const { media } = await walk.manager().media.list({ collection: 'user.library' });
    const made = media.filter(({ generated }) => generated !== null);
    expect(made).toHaveLength(2);
    expect(new Set(made.map(({ generated }) => generated?.index))).toEqual(new Set([0, 1]));
    await close();
  });

  test('a generated picture can use an own picture as input, is marked in its file, and can be found in the library by its prompt', async () => {
    const upload = await walk.open('upload');
    await upload.page
      .locator('input[type=file]')
      .first()
      .setInputFiles([await fileOf('pier.jpg')]);
    await upload.page.getByRole('list', { name: 'Media' }).locator('img').waitFor();
    await upload.close();
    const { page, close } = await walk.open('');
    await page.getByLabel('Begin from').selectOption({ label: 'pier.jpg' });
    await page.getByLabel('Prompt').fill('The same pier at night');
    await page.getByLabel('Seed').fill('7');
    await generate(page);
    const image = results(page).getByRole('img').first();
    await image.waitFor();
    expect(markOf(Buffer.from(await (await fetch((await image.getAttribute('src')) ?? '')).arrayBuffer()))).toBe('algorithmicMedia');
    const { media } = await walk.manager().media.list({ collection: 'user.library' });
    const [made] = media.filter(({ generated }) => generated?.prompt === 'The same pier at night');
    expect(made?.generated).toMatchObject({ seed: 7, inputs: [{ role: 'image' }] });
    await close();
    const library = await walk.open('library');
    await library.page.getByText('The same pier at night').waitFor();
    await library.close();
  });

  test.skipIf(whyNoFfmpeg() !== null)('a video is made, with a poster, and the seconds of the day go down', async () => {
    const { page, close } = await walk.open('');
    await page.getByLabel('Model').selectOption('local · local-video');
    await generate(page);
    const video = results(page).locator('video');
    await video.waitFor({ timeout: 90_000 });
    expect((await fetch((await video.getAttribute('poster')) ?? '')).headers.get('content-type')).toMatch(/^image\//);
    expect(await page.locator('[data-usage]').innerText()).toMatch(/\d+ of 60 seconds of video/);
    await close();
  });
});
