import { randomUUID } from 'node:crypto';

import type { Browser } from 'playwright-core';
import sharp from 'sharp';
import { beforeAll, expect, test } from 'vitest';

import { expectNoAxeViolations } from '../../server/test/support/browser.ts';
import { describeInBrowser } from '../../server/test/support/describe-in-browser.ts';
import type { Product } from '../../server/test/support/product.ts';
import { openProductInBrowser } from '../../server/test/support/product-in-browser.ts';
import { buildKit, openKit, show, type Kit } from './open-kit.ts';

/** A reset like Tailwind's, in a layer before that of the kit, and an admin that gives the kit its own dark colours. */
const admin = `@layer reset, safelight;
@layer reset { *, ::before, ::after { box-sizing: border-box; margin: 0; padding: 0; border: 0 solid } ol, ul { list-style: none }
img, svg, video, audio { display: block; max-width: 100%; height: auto } button, input, select, textarea { font: inherit; color: inherit; background: transparent } }
:root { color-scheme: dark } #root [class^='sl-'] { --sl-accent: rgb(120, 220, 255); --sl-on-accent: rgb(0, 20, 30) }`;

describeInBrowser('the parts of the kit in another application’s admin', () => {
  let product: Product;
  let browser: Browser;
  let kit: Kit;
  beforeAll(async () => {
    const [opened, built] = await Promise.all([openProductInBrowser(), buildKit()]);
    ({ product, browser } = opened);
    kit = built;
    return opened.close;
  });
  const api = async (method: string, path: string, body: string | FormData | null = null): Promise<unknown> => {
    const headers = { authorization: `Bearer ${product.token}`, ...(typeof body === 'string' ? { 'content-type': 'application/json' } : {}) };
    return await (await fetch(`${product.url}/v1${path}`, { method, headers, body })).json();
  };
  const uploadPhoto = async (): Promise<string> => {
    const form = new FormData();
    for (const [field, value] of Object.entries({ collection: 'listing.photos', entityType: 'listing', entityId: randomUUID() })) form.set(field, value);
    const bytes = await sharp({ create: { width: 640, height: 480, channels: 3, background: '#4a6fa5' } })
      .jpeg()
      .toBuffer();
    form.set('file', new Blob([new Uint8Array(bytes)], { type: 'image/jpeg' }), 'sea.jpg');
    return ((await api('POST', '/media', form)) as { media: { id: string } }).media.id;
  };

  test('keep their look beside a reset in a layer, take the admin’s dark colours, and stay accessible', async () => {
    const page = await openKit({ product, browser, kit, styles: admin, context: { colorScheme: 'dark' } });
    await show(page, 'RefusingPage', {});
    await page.getByRole('button', { name: 'Remove sea.jpg' }).waitFor();
    await expectNoAxeViolations(page);
    await show(page, 'StubbornPage', {});
    const trigger = page.getByRole('button', { name: 'Choose files' });
    expect(await trigger.evaluate((button) => [getComputedStyle(button).backgroundColor, getComputedStyle(button).color])).toEqual([
      'rgb(120, 220, 255)',
      'rgb(0, 20, 30)',
    ]);
    await expectNoAxeViolations(page);
  });

  test('the review queue decides and takes back by keys that go on when a button goes away, with its green and red beside the admin’s colour, and stays accessible', async () => {
    const { policy } = (await api('GET', '/policies/listing.photos')) as { policy: object };
    await api('PUT', '/policies/listing.photos', JSON.stringify({ ...policy, photoReviewEnabled: true, photoReviewProvider: 'manual' }));
    const id = await uploadPhoto();
    const reviewOf = async (): Promise<string> => ((await api('GET', `/media/${id}`)) as { media: { review: string } }).media.review;
    const page = await openKit({ product, browser, kit, styles: admin, context: { colorScheme: 'dark' } });
    await show(page, 'ReviewPage', { token: product.token, collection: 'listing.photos' });
    const review = page.getByRole('region', { name: 'Review' });
    await review.getByText('1 of 1').waitFor();
    await review.locator(".sl-image[data-state='loaded']").first().waitFor();
    const colourOf = async (name: string): Promise<string> =>
      await review.getByRole('button', { name, exact: true }).evaluate((button) => getComputedStyle(button).backgroundColor);
    expect([await colourOf('Approve'), await colourOf('Reject')]).toEqual(['rgb(127, 217, 154)', 'rgb(255, 154, 162)']);
    await expectNoAxeViolations(page);
    await review.getByRole('button', { name: 'Reject', exact: true }).click();
    await page.getByText('sea.jpg was rejected.').waitFor();
    expect(await reviewOf()).toBe('rejected');
    await expectNoAxeViolations(page);
    await review.getByRole('button', { name: 'Undo the last decision' }).click();
    await review.getByText('1 of 1').waitFor();
    expect(await reviewOf()).toBe('queued');
    await page.keyboard.press('a');
    await page.getByText('sea.jpg was approved.').waitFor();
    expect(await reviewOf()).toBe('approved');
    await page.keyboard.press('u');
    await review.getByText('1 of 1').waitFor();
    expect(await reviewOf()).toBe('queued');

    // Whoever works with claims claims the next one by deciding. What is pressed meanwhile counts, and what was said is heard.
    await review.getByRole('button', { name: 'Release' }).waitFor();
    const claiming = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<void>();
    await page.route('**/review/queue/claim', async (route) => {
      claiming.resolve();
      await answer.promise;
      await route.continue();
    });
    await page.keyboard.press('a');
    await claiming.promise;
    await page.keyboard.press('u');
    expect(await reviewOf()).toBe('approved');
    answer.resolve();
    await review.getByText('1 of 1').waitFor();
    expect(await reviewOf()).toBe('queued');
  });
});
