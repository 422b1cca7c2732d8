import { createClient } from '@safelight/client';
import { expect, test } from 'vitest';

import { describeInBrowser } from '../../packages/server/test/support/describe-in-browser.ts';
import { expectNarrowPage, fileOf, walkExample } from './walk.ts';

describeInBrowser('listing-photos', () => {
  const walk = walkExample('listing-photos');
  const moderator = () => createClient({ baseURL: walk.running().safelight.url, token: walk.running().safelight.token });

  test('the buyer sees nothing until it is approved; a replacement waits while the live photo stays; a deleted one comes back', async () => {
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

    await seller.page.locator('[data-delete]').click();
    await buyer.page.getByText('There are no photos yet.').waitFor();
    await seller.page.getByRole('button', { name: 'Undo' }).click();
    await hero.waitFor();
    // The upload of the replacement asks what became of it, and it went with the photo that it was for.
    await seller.close(/status of 410/);
    await buyer.close();
  });

  test.each(['', 'listing'])('page "%s" suits a phone in the dark', async (at) => await expectNarrowPage(walk, at));
});
