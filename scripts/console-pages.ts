// Takes a picture of every page of the console, over a fresh product with drawn photos in it:
//   node --conditions=safelight-source scripts/console-pages.ts [<folder>] [<width> …]
// Without a folder they go to docs/images, one of each page in the light and one in the dark.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import sharp from 'sharp';
import { renderPhoto, samplePhotos } from '../apps/console/test/sample-photos.ts';
import { openBrowser } from '../packages/server/test/support/browser.ts';
import { startProduct } from '../packages/server/test/support/product.ts';

const [given, ...widths] = process.argv.slice(2);
const folder = resolve(given ?? resolve(import.meta.dirname, '../docs/images'));
const pages = ['overview', 'upload', 'generate', 'library', 'jobs', 'review', 'policies', 'discrepancies', 'webhooks'];

const dataDir = await mkdtemp(resolve(tmpdir(), 'safelight-pages-'));
const [product, browser] = await Promise.all([startProduct('start', { dataDir }), openBrowser()]);
const headers = { authorization: `Bearer ${product.token}` };

async function call(method: string, path: string, body?: object, more: Record<string, string> = {}): Promise<Response> {
  return await fetch(`${product.url}/v1${path}`, {
    method,
    headers: { ...headers, ...more, ...(body ? { 'content-type': 'application/json' } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
}

async function upload(bytes: Buffer, name: string, fields: Record<string, string>): Promise<void> {
  const form = new FormData();
  for (const [field, value] of Object.entries(fields)) form.set(field, value);
  form.set('file', new Blob([new Uint8Array(bytes)], { type: 'image/jpeg' }), name);
  await fetch(`${product.url}/v1/media`, { method: 'POST', headers, body: form });
}

/** Some photos that are shown, some that wait for a moderator, and one that could not be made. */
async function fill(): Promise<void> {
  const { policy } = (await (await call('GET', '/policies/listing.photos')).json()) as { policy: Record<string, unknown> };
  const photos = await Promise.all(samplePhotos.slice(0, 6).map(async (photo) => ({ name: photo.name, bytes: await renderPhoto(photo) })));
  for (const { name, bytes } of photos) await upload(bytes, name, { collection: 'artist.images', entityType: 'artist', entityId: '42' });
  for (const { name, bytes } of photos.slice(0, 3)) await upload(bytes, name, { collection: 'user.library' });
  await call('PUT', '/policies/listing.photos', { ...policy, photoReviewEnabled: true, photoReviewProvider: 'manual' }, { 'if-match': '*' });
  for (const { name, bytes } of photos) await upload(bytes, name, { collection: 'listing.photos', entityType: 'listing', entityId: '9f3' });
  await upload(photos[0]?.bytes.subarray(0, 9_000) ?? Buffer.alloc(0), 'torn.jpg', { collection: 'listing.photos', entityType: 'listing', entityId: '9f3' });
}

async function settled(): Promise<void> {
  for (;;) {
    const { jobs } = (await (await call('GET', '/jobs?limit=50')).json()) as { jobs: { state: string }[] };
    if (jobs.every(({ state }) => state !== 'queued' && state !== 'active' && state !== 'retrying')) return;
    await new Promise((resolved) => setTimeout(resolved, 200));
  }
}

try {
  await fill();
  await settled();
  await mkdir(folder, { recursive: true });
  for (const width of widths.length > 0 ? widths.map(Number) : [1440]) {
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await browser.newPage({ viewport: { width, height: width < 500 ? 844 : 900 }, colorScheme, reducedMotion: 'reduce' });
      await page.goto(`${product.url}/console#token=${product.token}`);
      for (const name of pages) {
        await page.evaluate((path) => location.assign(`#/${path}`), name);
        await page.getByRole('heading', { level: 1 }).first().waitFor();
        await page.waitForFunction(() => document.querySelector('.skeleton') === null && [...document.images].every((image) => image.complete));
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
