import { createClient } from '@safelight/client';
import type { Page } from 'playwright-core';
import { beforeEach, expect, test } from 'vitest';

import { describeInBrowser } from '../../packages/server/test/support/describe-in-browser.ts';
import { listing } from '../listing-photos/listing.ts';
import { expectNarrowPage, fileOf, walkExample } from './walk.ts';

describeInBrowser('listing-photos', () => {
  const walk = walkExample('listing-photos');
  const moderator = () => createClient({ baseURL: walk.running().safelight.url, token: walk.running().safelight.token });

  // Photos that a previous attempt left.
  beforeEach(async () => {
    const { media } = await moderator().entities.read(listing.place.type, listing.place.id, { collection: listing.place.collection });
    for (const { id } of media) await moderator().media.delete(id);
    for (const { id } of (await moderator().reviews.queue()).media) await moderator().reviews.decide(id, { decision: 'rejected' });
  });

  test('the buyer sees nothing until it is approved; a replacement waits while the live photo stays; a deleted one can be restored', async () => {
    const seller = await walk.open('', { width: 390 });
    const buyer = await walk.open('listing');
    await buyer.page.getByText('There are no photos yet.').waitFor();
    await seller.page
      .locator('input[type=file]')
      .first()
      .setInputFiles([await fileOf('bike.jpg')]);
    await seller.page.getByText('Waiting to be looked at').waitFor();
    expect(await buyer.page.locator('img').count()).toBe(0);

    const [queued] = (await moderator().reviews.queue()).media;
    if (!queued) throw new Error('Nothing waits for a review.');
    await moderator().reviews.decide(queued.id, { decision: 'approved' });
    await seller.page.getByText('Live', { exact: true }).waitFor();
    const hero = buyer.page.locator('.hero img');
    await hero.waitFor();
    const live = await hero.getAttribute('src');

    await seller.page.getByLabel('Replace').setInputFiles([await fileOf('better.jpg')]);
    await seller.page.getByText('a new one waits').waitFor();
    expect(await hero.getAttribute('src')).toBe(live);

    const waiting = async () => (await moderator().reviews.queue()).media;
    await expect.poll(async () => (await waiting()).length).toBe(1);
    const [better] = await waiting();
    // Checked in every frame until the new one has taken the place.
    const frames = watchHero(buyer.page);
    await moderator().reviews.decide(better?.id ?? expect.fail('the replacement does not wait'), { decision: 'approved' });
    await expect.poll(async () => await hero.getAttribute('src')).not.toBe(live);
    expect(await frames()).toEqual({ missing: 0, undrawn: 0, isEnough: true });

    await seller.page.locator('[data-delete]').click();
    await buyer.page.getByText('There are no photos yet.').waitFor();
    await seller.page.getByRole('button', { name: 'Undo' }).click();
    await hero.waitFor();
    // An upload that has not received the outcome of its photo reads it once the photo is gone.
    await seller.close(/status of 410/);
    await buyer.close();
  });

  test.each(['', 'listing'])('page "%s" suits a phone in the dark', async (at) => await expectNarrowPage(walk, at));
});

/** Counts frames in which the buyer sees no photo, until it is asked for the number. */
function watchHero(page: Page): () => Promise<{ missing: number; undrawn: number; isEnough: boolean }> {
  const watching = page.evaluate(async () => {
    const state = globalThis as unknown as { stopWatching?: boolean };
    const seen = { missing: 0, undrawn: 0, isEnough: false };
    for (let frame = 0; state.stopWatching !== true; frame += 1) {
      await new Promise(requestAnimationFrame);
      const image = document.querySelector<HTMLImageElement>('.hero img');
      if (image === null) seen.missing += 1;
      else if (image.naturalWidth === 0 || image.clientWidth === 0) seen.undrawn += 1;
      seen.isEnough = frame > 2;
    }
    return seen;
  });
  return async () => {
    await page.evaluate(() => void ((globalThis as unknown as { stopWatching?: boolean }).stopWatching = true));
    return await watching;
  };
}
