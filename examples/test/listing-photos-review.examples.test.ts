import { readFile } from 'node:fs/promises';
import path from 'node:path';

import type { PolicyRules } from '@safelight/contract/media-rules';
import { expect, test } from 'vitest';

import { expectNoAxeViolations } from '../../packages/server/test/support/browser.ts';
import { describeInBrowser } from '../../packages/server/test/support/describe-in-browser.ts';
import { destination } from '../listing-photos/listing.ts';
import { expectHonestOffline, fileOf, pictureOf, walkExample } from './walk.ts';

const heic = path.resolve(import.meta.dirname, '../../packages/server/test/fixtures/images/quadrants.heic');

describeInBrowser('listing-photos, and the people who look at them', () => {
  const walk = walkExample('listing-photos');
  /** Like a manager, while everybody has their page open. */
  const setPolicy = async (part: Partial<PolicyRules>): Promise<void> => {
    const { policies } = walk.manager();
    const { policy } = await policies.read('listing.photos');
    await policies.change('listing.photos', { ...policy, ...part });
  };

  test('a HEIC from the camera is reviewed in the console, then seen by the buyer; the file itself by nobody', async () => {
    const seller = await walk.open('', { width: 390 });
    const chooser = seller.page.waitForEvent('filechooser');
    await seller.page.getByRole('button', { name: 'Take a photo' }).click();
    await (await chooser).setFiles([{ name: 'IMG_1.HEIC', mimeType: 'image/heic', buffer: await readFile(heic) }]);
    await seller.page.getByText('Waiting to be looked at').waitFor();

    const context = seller.page.context();
    const opened = context.waitForEvent('page');
    await seller.page.getByRole('link', { name: 'Console' }).click();
    const moderator = await opened;
    // The link comes from another site, so the console asks for confirmation.
    await moderator.getByRole('dialog').getByRole('button', { name: 'Sign in', exact: true }).click();
    await moderator.getByRole('navigation', { name: 'Console' }).getByRole('link', { name: 'Review' }).click();
    await moderator.getByRole('heading', { name: 'IMG_1.HEIC' }).waitFor();
    await moderator.getByRole('button', { name: 'Approve', exact: true }).click();
    await seller.page.getByText('Live', { exact: true }).waitFor();
    await moderator.close();

    const buyer = await walk.open('listing');
    await buyer.page.locator('.hero img').waitFor();
    const { media } = await walk.manager().entities.read('listing', '9f3');
    const [live] = media;
    const addresses = [live?.src, ...Object.values(live?.variants ?? {}).map(({ src }) => src)].filter((one) => typeof one === 'string');
    expect(addresses.length).toBeGreaterThan(4);
    for (const address of addresses) expect((await fetch(address)).headers.get('content-type')).toBe('image/webp');
    // Requests that a buyer may try with what the page shows.
    const { url } = walk.running().safelight;
    for (const tried of [`/v1/media/${live?.id}/download`, `/v1/${live?.path}`, `/${live?.path}`, `/storage/${live?.path}`])
      expect((await fetch(url + tried)).status, tried).toBeOneOf([401, 404]);
    const download = await fetch(`${url}/download/${live?.id}`);
    expect(download.headers.get('content-type'), 'what a download gives').toBe('image/webp');
    await buyer.close();
    await seller.close();
  });

  test('a disabled provider is shown in the tray, and the photo can be retried until somebody reviews it', async () => {
    await setPolicy({ photoReviewProvider: 'disabled' });
    const { page, close } = await walk.open('', { width: 390 });
    await page
      .locator('input[type=file]')
      .first()
      .setInputFiles([await fileOf('unasked.jpg')]);
    const row = page.getByRole('list', { name: 'Media' }).getByRole('listitem').filter({ hasText: 'no review provider is chosen' });
    await row.waitFor();
    await expectNoAxeViolations(page);
    // Pressed by the keyboard; without a reviewer it comes back with the same reason.
    const retried = page.waitForResponse((answer) => answer.url().endsWith('/retry'));
    await row.getByRole('button', { name: 'Try again' }).focus();
    await page.keyboard.press('Enter');
    expect((await retried).status()).toBe(202);
    const { jobs } = walk.manager();
    await expect.poll(async () => (await jobs.list({ type: 'review', state: 'failed' })).jobs.length).toBe(2);
    await row.waitFor();
    // Changing the provider retries failed reviews.
    await setPolicy({ photoReviewProvider: 'manual' });
    await page.getByText('Waiting to be looked at').waitFor();
    await close();
  });

  test('the gate is opened while the pages are open: waiting photos are shown to everybody without a reload', async () => {
    for (const name of ['front.jpg', 'side.jpg']) await walk.person().upload(await pictureOf(name), destination).result;
    const seller = await walk.open('', { width: 390 });
    const buyer = await walk.open('listing');
    const waiting = seller.page.getByText('Waiting to be looked at');
    await waiting.nth(1).waitFor();
    await setPolicy({ photoReviewEnabled: false });
    await expect.poll(async () => await waiting.count()).toBe(0);
    await buyer.page.locator('.hero img').waitFor();
    await buyer.page.getByRole('list', { name: 'More photos' }).getByRole('img').first().waitFor();
    await buyer.close();
    await seller.close();
  });

  test.each(['', 'listing'])('page "%s" says so when nobody can be reached', async (at) => await expectHonestOffline(walk, at));
});
