import { randomUUID } from 'node:crypto';

import type { Media } from '@safelight/contract/media';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { expectNoAxeViolations, openBrowser } from '../../../packages/server/test/support/browser.ts';
import { describeInBrowser } from '../../../packages/server/test/support/describe-in-browser.ts';
import { startProduct, type Product } from '../../../packages/server/test/support/product.ts';
import { temporaryDirectory } from '../../../packages/server/test/support/temporary-directory.ts';
import { openConsole } from './open-console.ts';
import { renderPhoto, samplePhotos } from './sample-photos.ts';

describeInBrowser('the overview', () => {
  let product: Product;
  let browser: Browser;
  beforeAll(async () => {
    const dataDir = await temporaryDirectory();
    [product, browser] = await Promise.all([startProduct('start', { dataDir }), openBrowser()]);
    const form = new FormData();
    for (const [name, value] of Object.entries({ collection: 'artist.images', entityType: 'artist', entityId: randomUUID() })) form.set(name, value);
    form.set('file', new Blob([new Uint8Array(await renderPhoto(samplePhotos[0]))], { type: 'image/jpeg' }), 'dusk.jpg');
    await fetch(`${product.url}/v1/media`, { method: 'POST', headers: { authorization: `Bearer ${product.token}` }, body: form });
  });
  afterAll(async () => {
    await Promise.all([browser?.close(), product?.stop()]);
  });

  const open = async (options: { narrow?: boolean; dark?: boolean } = {}): Promise<Page> => {
    const page = await openConsole({ product, browser, at: '#/overview', ...options });
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    return page;
  };

  test('is where a manager begins, and each of its numbers leads to its list', async () => {
    const page = await openConsole({ product, browser, at: '' });
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    await page.getByText('Uploads in a day').waitFor();
    await page.getByRole('row').filter({ hasText: 'artist.images' }).getByRole('cell', { name: '1', exact: true }).first().waitFor();
    const hrefs = await page.locator('.overview-page a').evaluateAll((all) => all.map((link) => link.getAttribute('href') ?? ''));
    expect(hrefs.length).toBeGreaterThan(10);
    for (const href of new Set(hrefs)) expect(href).toMatch(/^#\/(library|jobs|review|discrepancies)/);
    await page.getByRole('link', { name: 'artist.images' }).click();
    await page.locator('.tile').filter({ hasText: 'dusk.jpg' }).waitFor();
    await page.goBack();
    await page.getByRole('link', { name: /Jobs waiting/ }).click();
    await page.getByRole('heading', { level: 1, name: 'Jobs' }).waitFor();
  });

  test('leads from a failure to what failed by it, and to nothing else', async () => {
    const headers = { authorization: `Bearer ${product.token}` };
    const form = new FormData();
    form.set('collection', 'user.library');
    form.set('file', new Blob([new Uint8Array((await renderPhoto(samplePhotos[0])).subarray(0, 20_000))], { type: 'image/jpeg' }), 'cut-off.jpg');
    await fetch(`${product.url}/v1/media`, { method: 'POST', headers, body: form });
    const failed = async (): Promise<readonly Media[]> =>
      ((await (await fetch(`${product.url}/v1/media?status=failed`, { headers })).json()) as { media: Media[] }).media;
    await expect.poll(async () => (await failed()).length, { timeout: 30_000 }).toBeGreaterThan(0);
    const code = (await failed())[0]?.failure?.code ?? '';
    const page = await open();
    await page.getByRole('listitem').filter({ hasText: code }).getByRole('link').click({ timeout: 30_000 });
    await page.locator('.tile').filter({ hasText: 'cut-off.jpg' }).first().waitFor();
    expect(await page.evaluate(() => location.hash)).toBe(`#/library?status=failed&failure=${code}`);
    await expectNoAxeViolations(page);
    await page.goto(`${product.url}/console#/library?status=failed&failure=another_code`);
    await page.getByText('Nothing matches').waitFor();
    await page.getByRole('button', { name: 'Not only what failed by another_code' }).click();
    await page.locator('.tile').filter({ hasText: 'cut-off.jpg' }).first().waitFor();
  });

  test('is asked again by itself, without anybody’s reading the page anew', async () => {
    const page = await open();
    await page.getByText('By the hour').waitFor();
    await page.waitForResponse((response) => response.url().endsWith('/v1/admin/overview'), { timeout: 20_000 });
  });

  test.each([
    ['narrow and light', { narrow: true }],
    ['narrow and dark', { narrow: true, dark: true }],
    ['wide and light', {}],
    ['wide and dark', { dark: true }],
  ])('is within reach of everybody: %s', async (_name, options) => {
    const page = await open(options);
    await page.getByText('Stored, by collection').waitFor();
    await expectNoAxeViolations(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
    await page.setViewportSize({ width: 2560, height: 1300 });
    await expectNoAxeViolations(page);
  });
});
