// Takes a screenshot of every page of the console, on a new product with drawn photos:
//   node --conditions=safelight-source scripts/console-pages.ts [<folder>] [<width> …]
// Without a folder they are saved in docs/images, one of each page in light and one in dark.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import sharp from 'sharp';
import { fillProduct } from '../apps/console/test/fill-product.ts';
import { openBrowser } from '../packages/server/test/support/browser.ts';
import { startProduct } from '../packages/server/test/support/product.ts';

const [given, ...widths] = process.argv.slice(2);
const folder = resolve(given ?? resolve(import.meta.dirname, '../docs/images'));
const pages = ['overview', 'upload', 'generate', 'library', 'jobs', 'review', 'policies', 'grants', 'discrepancies', 'webhooks'];

const dataDir = await mkdtemp(resolve(tmpdir(), 'safelight-pages-'));
const [product, browser] = await Promise.all([startProduct('start', { dataDir }), openBrowser()]);

try {
  await fillProduct(product);
  await mkdir(folder, { recursive: true });
  for (const width of widths.length > 0 ? widths.map(Number) : [1440]) {
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await browser.newPage({ viewport: { width, height: width < 500 ? 844 : 900 }, colorScheme, reducedMotion: 'reduce' });
      await page.goto(`${product.url}/console#token=${product.token}`);
      for (const name of pages) {
        await page.evaluate((path) => location.assign(`#/${path}`), name);
        await page.getByRole('heading', { level: 1 }).first().waitFor();
        await page.waitForFunction(() => document.querySelector('.skeleton') === null && [...document.images].every((image) => image.complete));
        // Jobs arrive before the records that they are about.
        await page.waitForFunction(() => [...document.querySelectorAll('.job-what a')].every((link) => !link.textContent.startsWith('record ')));
        await page.waitForFunction(() => [...document.images].every((image) => image.complete));
        const suffix = widths.length > 0 ? `-${width}` : '';
        const target = resolve(folder, `console-${name}${suffix}-${colorScheme}.png`);
        await sharp(await page.screenshot())
          .png({ palette: true, quality: 90, effort: 10 })
          .toFile(target);
        console.log(target);
      }
      await page.close();
    }
  }
} finally {
  await Promise.all([browser.close(), product.stop()]);
  await rm(dataDir, { recursive: true, force: true });
}
