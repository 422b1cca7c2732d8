import { randomUUID } from 'node:crypto';

import type { Browser } from 'playwright-core';
import sharp from 'sharp';
import { beforeAll, expect, test } from 'vitest';

import { expectNoAxeViolations } from '../../server/test/support/browser.ts';
import { describeInBrowser } from '../../server/test/support/describe-in-browser.ts';
import type { Product } from '../../server/test/support/product.ts';
import { openProductInBrowser } from '../../server/test/support/product-in-browser.ts';
import { buildKit, openKit, show, type Kit } from './open-kit.ts';

describeInBrowser('the review of the kit, in an admin of somebody else’s', () => {
  let product: Product;
  let browser: Browser;
  let kit: Kit;
  beforeAll(async () => {
    const [opened, built] = await Promise.all([openProductInBrowser(), buildKit()]);
    ({ product, browser } = opened);
    kit = built;
    const { policy } = (await api('GET', '/policies/listing.photos')) as { policy: object };
    await api('PUT', '/policies/listing.photos', JSON.stringify({ ...policy, photoReviewEnabled: true, photoReviewProvider: 'manual' }));
    return opened.close;
  });
  const api = async (method: string, path: string, body: string | FormData | null = null): Promise<unknown> => {
    const headers = { authorization: `Bearer ${product.token}`, ...(typeof body === 'string' ? { 'content-type': 'application/json' } : {}) };
    return await (await fetch(`${product.url}/v1${path}`, { method, headers, body })).json();
  };
  const upload = async (name: string): Promise<string> => {
    const bytes = await sharp({ create: { width: 640, height: 480, channels: 3, background: '#4a6fa5' } })
      .jpeg()
      .toBuffer();
    const form = new FormData();
    for (const [field, value] of Object.entries({ collection: 'listing.photos', entityType: 'listing', entityId: randomUUID() })) form.set(field, value);
    form.set('file', new Blob([new Uint8Array(bytes)], { type: 'image/jpeg' }), name);
    return ((await api('POST', '/media', form)) as { media: { id: string } }).media.id;
  };
  const reviewOf = async (id: string): Promise<string> => ((await api('GET', `/media/${id}`)) as { media: { review: string } }).media.review;

  test('shows new items, counts them, decides by buttons and keys, and takes decisions back', async () => {
    const page = await openKit({ product, browser, kit });
    await show(page, 'ReviewPage', { token: product.token, collection: 'listing.photos' });
    await page.getByText('Nothing waits').waitFor();
    await expectNoAxeViolations(page);
    const ids = [await upload('one.jpg'), await upload('two.jpg')];
    await page.getByText('1 of 2').waitFor();
    const review = page.getByRole('region', { name: 'Review' });
    await expectNoAxeViolations(page);
    await review.getByRole('button', { name: 'Approve' }).click();
    await page.getByText('one.jpg was approved.').waitFor();
    await page.getByText('1 of 1').waitFor();
    await page.keyboard.press('2');
    await page.getByText('two.jpg was rejected.').waitFor();
    expect([await reviewOf(ids[0] ?? ''), await reviewOf(ids[1] ?? '')]).toEqual(['approved', 'rejected']);
    await page.getByText('Nothing waits').waitFor();
    await review.getByRole('button', { name: 'Undo the last decision' }).click();
    await page.getByText('two.jpg waits again.').waitFor();
    await page.getByText('1 of 1').waitFor();
    expect(await reviewOf(ids[1] ?? '')).toBe('queued');
    await page.getByLabel('Reason, told to the owner').fill('rua');
    await review.getByRole('button', { name: 'Reject', exact: true }).click();
    await page.getByText('two.jpg was rejected.').waitFor();
    expect(((await api('GET', `/media/${ids[1]}`)) as { media: { reviewReason: string } }).media.reviewReason).toBe('rua');
    const third = await upload('three.jpg');
    await page.getByText('1 of 1').waitFor();
    await review.getByRole('button', { name: 'Claim next' }).click();
    await page.getByText('three.jpg is yours for a while.').waitFor();
    await review.getByText(/^Yours until /).waitFor();
    await expectNoAxeViolations(page);
    const { media } = (await api('GET', '/review/queue')) as { media: { id: string; claim: object | null }[] };
    expect(media.find(({ id }) => id === third)?.claim).not.toBe(null);
    await page.keyboard.press('Escape');
    await page.getByText('three.jpg is free for others.').waitFor();
    await page.setViewportSize({ width: 390, height: 800 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  });
});
