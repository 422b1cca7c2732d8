import type { Browser, Page, Route } from 'playwright-core';
import sharp from 'sharp';
import { beforeAll, expect, test } from 'vitest';

import { describeInBrowser } from '../../server/test/support/describe-in-browser.ts';
import type { Product } from '../../server/test/support/product.ts';
import { openProductInBrowser } from '../../server/test/support/product-in-browser.ts';
import { buildKit, openKit, show, type Kit } from './open-kit.ts';

describeInBrowser('MediaImage', () => {
  let product: Product;
  let browser: Browser;
  let kit: Kit;
  let body: Buffer;
  beforeAll(async () => {
    const draw = sharp({ create: { width: 64, height: 48, channels: 3, background: '#4a6fa5' } })
      .jpeg()
      .toBuffer();
    const [opened, ...built] = await Promise.all([openProductInBrowser(), buildKit(), draw]);
    ({ product, browser } = opened);
    [kit, body] = built;
    return opened.close;
  });

  /** A page whose pictures load only when the test releases them. */
  const open = async (): Promise<{ page: Page; handOver: (name: string, isThere?: boolean) => Promise<void> }> => {
    const page = await openKit({ product, browser, kit });
    const waiting = new Map<string, Route>();
    await page.route('**/pictures/*', (route) => void waiting.set(new URL(route.request().url()).pathname.split('/').at(-1) ?? '', route));
    return {
      page,
      async handOver(name, isThere = true) {
        await expect.poll(() => waiting.has(name)).toBe(true);
        await waiting.get(name)?.fulfill(isThere ? { contentType: 'image/jpeg', body } : { status: 410 });
      },
    };
  };
  const media = (name: string) => ({ src: `/pictures/${name}`, width: 64, height: 48 });
  /** The names of the pictures that are visible and drawn. */
  const seen = async (page: Page): Promise<string[]> =>
    await page.evaluate(() =>
      [...document.images].filter((image) => image.naturalWidth > 0 && image.clientWidth > 0).map((image) => image.src.split('/').at(-1) ?? ''),
    );

  test('a replaced photo stays until the new one has loaded, and its place is never empty', async () => {
    const { page, handOver } = await open();
    await show(page, 'PicturePage', { media: media('old.jpg'), keepPrevious: true });
    await handOver('old.jpg');
    await page.locator('.sl-image[data-state="loaded"]').waitFor();
    expect(await seen(page)).toEqual(['old.jpg']);
    await show(page, 'PicturePage', { media: media('new.jpg'), keepPrevious: true });
    await page.locator('img[src="/pictures/new.jpg"]').waitFor({ state: 'attached' });
    expect(await seen(page)).toEqual(['old.jpg']);
    expect(await page.getByRole('img', { name: 'The sea' }).count()).toBe(1);
    await handOver('new.jpg');
    await expect.poll(async () => await seen(page)).toEqual(['new.jpg']);
    expect(await page.locator('img').count()).toBe(1);
  });

  test('a page that switches back before the new photo has loaded keeps the old one', async () => {
    const { page, handOver } = await open();
    await show(page, 'PicturePage', { media: media('old.jpg'), keepPrevious: true });
    await handOver('old.jpg');
    await page.locator('.sl-image[data-state="loaded"]').waitFor();
    await show(page, 'PicturePage', { media: media('never.jpg'), keepPrevious: true });
    await page.locator('img[src="/pictures/never.jpg"]').waitFor({ state: 'attached' });
    await show(page, 'PicturePage', { media: media('old.jpg'), keepPrevious: true });
    await page.locator('img[src="/pictures/never.jpg"]').waitFor({ state: 'detached' });
    expect(await seen(page)).toEqual(['old.jpg']);
  });

  test('a new photo that cannot be loaded is reported, not hidden behind the old one', async () => {
    const { page, handOver } = await open();
    await show(page, 'PicturePage', { media: media('old.jpg'), keepPrevious: true });
    await handOver('old.jpg');
    await page.locator('.sl-image[data-state="loaded"]').waitFor();
    await show(page, 'PicturePage', { media: media('gone.jpg'), keepPrevious: true });
    await handOver('gone.jpg', false);
    await page.getByText('No preview').waitFor();
    expect(await seen(page)).toEqual([]);
  });

  test('unless requested, no photo stands in for another', async () => {
    const { page, handOver } = await open();
    await show(page, 'PicturePage', { media: media('old.jpg') });
    await handOver('old.jpg');
    await page.locator('.sl-image[data-state="loaded"]').waitFor();
    await show(page, 'PicturePage', { media: media('new.jpg') });
    await page.locator('.sl-image[data-state="loading"]').waitFor({ state: 'attached' });
    expect(await page.locator('img[src="/pictures/old.jpg"]').count()).toBe(0);
    await handOver('new.jpg');
    await expect.poll(async () => await seen(page)).toEqual(['new.jpg']);
  });
});
