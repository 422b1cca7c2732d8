// Takes the README's screenshot of the console: starts a new product, uploads drawn photos, and takes it while two more are in progress.
//   node --conditions=safelight-source scripts/console-picture.ts
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import sharp from 'sharp';
import { renderPhoto, samplePhotos, type SamplePhoto } from '../apps/console/test/sample-photos.ts';
import { openBrowser } from '../packages/server/test/support/browser.ts';
import { startProduct } from '../packages/server/test/support/product.ts';

const target = resolve(import.meta.dirname, '../docs/images/console.png');
const uploadBytesPerSecond = 250_000;

const dataDir = await mkdtemp(resolve(tmpdir(), 'safelight-picture-'));
const [product, browser] = await Promise.all([startProduct('start', { dataDir }), openBrowser()]);
try {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, colorScheme: 'dark', deviceScaleFactor: 1.25 });
  const choose = async (photos: readonly SamplePhoto[]): Promise<void> =>
    page
      .locator('.drop-zone input[type=file]')
      .first()
      .setInputFiles(await Promise.all(photos.map(async (photo) => ({ name: photo.name, mimeType: 'image/jpeg', buffer: await renderPhoto(photo) }))));
  const named = (name: string) => samplePhotos.filter((photo) => photo.name.startsWith(name));

  await page.goto(`${product.url}/console#token=${product.token}`);
  await page.evaluate(() => location.assign('#/upload'));
  await page.getByLabel('Collection').selectOption('listing.photos');
  await page.getByLabel(/it belongs to/).fill('9f3');
  await choose(named('ridge'));
  await page.locator('.upload-card[data-state="done"]').waitFor();
  const network = await page.context().newCDPSession(page);
  await network.send('Network.emulateNetworkConditions', { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: uploadBytesPerSecond });
  await choose([...named('stoneware'), ...named('blood')]);
  await page.waitForFunction(() => [...document.querySelectorAll<HTMLProgressElement>('.upload-card progress')].some((bar) => bar.position > 0.4));
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  const picture = await page.screenshot();
  await mkdir(resolve(target, '..'), { recursive: true });
  const { size } = await sharp(picture).png({ palette: true, quality: 95, effort: 10, dither: 0.8 }).toFile(target);
  console.log(`${target}: ${Math.round(size / 1024)} KB`);
} finally {
  await Promise.all([browser.close(), product.stop()]);
  await rm(dataDir, { recursive: true, force: true });
}
