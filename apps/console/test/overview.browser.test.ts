import { randomUUID } from 'node:crypto';

import type { Media } from '@safelight/contract/media';
import type { Browser, Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';

import { expectNoAxeViolations } from '../../../packages/server/test/support/browser.ts';
import { describeInBrowser } from '../../../packages/server/test/support/describe-in-browser.ts';
import type { Product } from '../../../packages/server/test/support/product.ts';
import { openProductInBrowser } from '../../../packages/server/test/support/product-in-browser.ts';
import { openConsole } from './open-console.ts';
import { renderPhoto, samplePhotos } from './sample-photos.ts';

describeInBrowser('the overview', () => {
  let product: Product;
  let browser: Browser;
  beforeAll(async () => {
    const opened = await openProductInBrowser();
    ({ product, browser } = opened);
    await upload('dusk.jpg');
    return opened.close;
  });

  const upload = async (name: string): Promise<void> => {
    const form = new FormData();
    for (const [field, value] of Object.entries({ collection: 'artist.images', entityType: 'artist', entityId: randomUUID() })) form.set(field, value);
    form.set('file', new Blob([new Uint8Array(await renderPhoto(samplePhotos[0]))], { type: 'image/jpeg' }), name);
    await fetch(`${product.url}/v1/media`, { method: 'POST', headers: { authorization: `Bearer ${product.token}` }, body: form });
  };
  const open = async (options: { narrow?: boolean; dark?: boolean } = {}): Promise<Page> => {
    const page = await openConsole({ product, browser, at: '#/overview', ...options });
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    return page;
  };

  test('is the first page of a manager, and each of its numbers leads to its list', async () => {
    const page = await openConsole({ product, browser, at: '' });
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    await page.getByText('Uploads in a day').waitFor();
    await page.getByRole('row').filter({ hasText: 'artist.images' }).getByRole('cell', { name: '1', exact: true }).first().waitFor();
    const hrefs = await page.locator('.overview-page a').evaluateAll((all) => all.map((link) => link.getAttribute('href') ?? ''));
    expect(hrefs.length).toBeGreaterThan(10);
    for (const href of new Set(hrefs)) expect(href).toMatch(/^#\/(library|jobs|review|discrepancies|events)/);
    const unlinked = await page
      .locator('.figure-card, .overview-table td')
      .evaluateAll((all) => all.filter((one) => one.querySelector('a') === null).map((one) => one.textContent));
    expect(
      unlinked.filter((words) => !/^0( bytes)?$/.test(words)),
      'what has no list',
    ).toEqual([]);
    await page.getByRole('link', { name: 'artist.images' }).click();
    await page.locator('.tile').filter({ hasText: 'dusk.jpg' }).waitFor();
    await page.goBack();
    await page.getByRole('link', { name: /Jobs waiting/ }).click();
    await page.getByRole('heading', { level: 1, name: 'Jobs' }).waitFor();
  });

  test('leads from what is published to that alone, and from the bytes of a collection to what is large in it', async () => {
    const page = await open();
    const row = page.getByRole('row').filter({ hasText: 'artist.images' });
    await row.locator('td').nth(1).getByRole('link').click();
    await page.locator('.tile').filter({ hasText: 'dusk.jpg' }).waitFor();
    expect(await page.getByLabel('Status').inputValue()).toBe('published');
    await page.goBack();
    await row.locator('td').last().getByRole('link').click();
    await page.locator('.tile').filter({ hasText: 'dusk.jpg' }).waitFor();
    expect(await page.evaluate(() => location.hash)).toBe('#/library?collection=artist.images&sort=largest');
  });

  test('leads from the uploads in a day to those alone, as many as it counts', async () => {
    const page = await open();
    const card = page.getByRole('link', { name: /Uploads in a day/ });
    const count = await card.locator('.figure-value').textContent();
    await card.click();
    await page.locator('.tile').filter({ hasText: 'dusk.jpg' }).waitFor();
    expect(await page.getByLabel('Uploaded').inputValue()).toBe('day');
    await expect.poll(() => page.locator('.tile').count()).toBe(Number(count));
    const asked = page.waitForRequest((request) => request.url().includes('createdAfter='));
    await page.getByLabel('Uploaded').selectOption('Last 7 days');
    const since = new URL((await asked).url()).searchParams.get('createdAfter') ?? '';
    expect(Date.now() - Date.parse(since)).toBeGreaterThan(6 * 24 * 3_600_000);
    await page.locator('.tile').filter({ hasText: 'dusk.jpg' }).waitFor();
    await expectNoAxeViolations(page);
  });

  test('leads from what was published in a day to that alone, as many as it counts, and what is published meanwhile joins them', async () => {
    await upload('dawn.jpg');
    const page = await open();
    const card = page.getByRole('link', { name: /Published in a day/ });
    await expect.poll(async () => Number(await card.locator('.figure-value').textContent()), { timeout: 20_000 }).toBeGreaterThanOrEqual(2);
    const count = await card.locator('.figure-value').textContent();
    const asked = page.waitForRequest((request) => request.url().includes('publishedAfter='));
    await card.click();
    await asked;
    await page.locator('.tile').filter({ hasText: 'dusk.jpg' }).waitFor();
    await expect.poll(() => page.locator('.tile').count()).toBe(Number(count));
    await upload('noon.jpg');
    await page.locator('.tile').filter({ hasText: 'noon.jpg' }).waitFor({ timeout: 20_000 });
    await expectNoAxeViolations(page);
    await page.getByRole('button', { name: 'Not only what was published in the last 24 hours' }).click();
    await expect.poll(() => page.evaluate(() => location.hash)).toBe('#/library?status=published');
  });

  test('leads from the events a second to the events, as they happen', async () => {
    const page = await open();
    await page.getByText('Live', { exact: true }).waitFor();
    await page.getByRole('link', { name: /Events a second/ }).click();
    await page.getByText('Nothing has happened yet').waitFor();
    await upload('heard.jpg');
    await page.getByRole('listitem').filter({ hasText: 'media_published' }).getByRole('link', { name: 'heard.jpg' }).waitFor();
    expect(await page.locator('.side [aria-current="page"]').textContent()).toContain('Overview');
    await expectNoAxeViolations(page);
    await page.getByRole('link', { name: 'Back to the overview' }).click();
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  });

  test('leads from a failure code to the media that failed with it, and to nothing else', async () => {
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
    await page.goto(`${product.url}/console#/library?status=failed&failure=too_many_frames`);
    await page.getByText('Nothing matches').waitFor();
    await page.getByRole('button', { name: 'Not only what failed by too_many_frames' }).click();
    await page.locator('.tile').filter({ hasText: 'cut-off.jpg' }).first().waitFor();
    // A code that there is none of narrows nothing: the server would refuse it.
    await page.goto(`${product.url}/console#/library?status=failed&failure=another_code`);
    await page.locator('.tile').filter({ hasText: 'cut-off.jpg' }).first().waitFor();
  });

  test('is updated by itself, without reloading the page', async () => {
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
