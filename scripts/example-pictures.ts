// Takes the screenshots of the four applications for the documents:
//   node --conditions=safelight-source scripts/example-pictures.ts
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import sharp from 'sharp';

import { createClient } from '../packages/client/src/index.ts';
import { renderPhoto, samplePhotos } from '../apps/console/test/sample-photos.ts';
import { startExample, type ExampleName, type Running } from '../examples/shared/start-example.ts';
import { openBrowser } from '../packages/server/test/support/browser.ts';

type Browser = Awaited<ReturnType<typeof openBrowser>>;
type Page = Awaited<ReturnType<Browser['newPage']>>;

const images = resolve(import.meta.dirname, '../docs/images');
const wide = { width: 1280, height: 900 };
const phone = { width: 390, height: 844 };

type Shooting = { running: Running; open: (at: string, viewport?: typeof wide) => Promise<Page>; shoot: (page: Page, name: string) => Promise<void> };

const files = await Promise.all(
  samplePhotos.slice(0, 3).map(async (photo) => ({ name: photo.name, mimeType: 'image/jpeg', buffer: await renderPhoto(photo) })),
);
const shown = async (page: Page, at: string): Promise<void> => await page.locator(at).first().waitFor();

const walks: Record<ExampleName, (shooting: Shooting) => Promise<void>> = {
  async 'artist-platform'({ open, shoot }) {
    const form = await open('edit');
    await form.getByLabel('Add files').first().setInputFiles(files);
    await form.getByLabel('Profile picture').nth(2).check();
    await shoot(form, 'edit');
    await form.getByRole('button', { name: 'Save' }).first().click();
    await form.getByRole('button', { name: 'Discard' }).waitFor({ state: 'detached' });
    const page = await open('');
    await shown(page, '.portrait img');
    await shoot(page, 'page');
  },
  async 'listing-photos'({ open, shoot, running }) {
    const seller = await open('', phone);
    await seller.locator('input[type=file]').first().setInputFiles(files);
    await seller.getByText('Waiting to be looked at').nth(2).waitFor();
    const { url, token } = running.safelight;
    const moderator = createClient({ baseURL: url, token });
    for (const { id } of (await moderator.reviews.queue()).media.slice(0, 2)) await moderator.reviews.decide(id, { decision: 'approved' });
    await seller.getByText('Live', { exact: true }).nth(1).waitFor();
    await shoot(seller, 'seller');
    const buyer = await open('listing');
    await shown(buyer, '.hero img');
    await shoot(buyer, 'buyer');
  },
  async 'creator-shop'({ open, shoot }) {
    const seller = await open('sell');
    const [first] = files;
    if (first) await seller.locator('input[type=file]').nth(1).setInputFiles([first]);
    await seller
      .locator('input[type=file]')
      .first()
      .setInputFiles([{ name: 'Templates.zip', mimeType: 'application/zip', buffer: emptyZip }]);
    await seller.getByText(/Templates\.zip is ready/).waitFor();
    await shoot(seller, 'sell');
    const page = await open('');
    await shown(page, '.hero img');
    await shoot(page, 'product');
    await page.getByRole('button', { name: 'Buy and download' }).click();
    await page.getByRole('link', { name: 'Templates.zip' }).waitFor();
    await shoot(page, 'purchase');
  },
  async 'ai-studio'({ open, shoot }) {
    const page = await open('');
    await page.getByLabel('How many').fill('4');
    await page.getByLabel('Let the second picture fail').check();
    await page.getByRole('button', { name: 'Generate' }).click();
    await page.getByRole('list', { name: 'Results' }).locator('img').nth(2).waitFor();
    await shoot(page, 'generate');
  },
};
/** An archive with no files. */
const emptyZip = Buffer.from('504b0506000000000000000000000000000000000000', 'hex');

async function take(browser: Browser, name: ExampleName): Promise<void> {
  const dataDir = await mkdtemp(resolve(tmpdir(), 'safelight-pictures-'));
  const running = await startExample(name, { dataDir });
  try {
    await walks[name]({
      running,
      async open(at, viewport = wide) {
        const page = await browser.newPage({ viewport, colorScheme: 'light', reducedMotion: 'reduce' });
        await page.goto(`${running.url}/#/${at}`);
        await page.locator('h1').first().waitFor();
        return page;
      },
      async shoot(page, part) {
        await page.waitForFunction(() => [...document.images].every((image) => image.complete && getComputedStyle(image).opacity === '1'));
        const png = await page.screenshot({ fullPage: true });
        const path = resolve(images, `${name}-${part}.webp`);
        await sharp(png).webp({ quality: 80 }).toFile(path);
        console.log(path);
      },
    });
  } finally {
    await running.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

const browser = await openBrowser();
try {
  for (const name of ['artist-platform', 'listing-photos', 'creator-shop', 'ai-studio'] as const) await take(browser, name);
} finally {
  await browser.close();
}
