import { randomBytes } from 'node:crypto';

import { expect, test } from 'vitest';

import { describeInBrowser } from '../../packages/server/test/support/describe-in-browser.ts';
import { expectHonestOffline, expectNarrowPage, walkExample } from './walk.ts';

describeInBrowser('creator-shop', () => {
  const walk = walkExample('creator-shop');

  test('nothing can be bought while nothing is for sale, and the page says why', async () => {
    const { page, close } = await walk.open('');
    const inside = /\/v1\/entities\/product\/course\/media\?.*product\.files/;
    await page.route(inside, async (route) => await route.fulfill({ json: { media: [] } }));
    let purchases = 0;
    page.on('request', (request) => void (request.url().endsWith('/api/buy') && purchases++));
    await page.reload();
    await page.getByText('Nothing is for sale yet').waitFor();
    const buy = page.getByRole('button', { name: 'Buy', disabled: true });
    await buy.focus();
    await page.keyboard.press('Enter');
    expect(purchases).toBe(0);
    await page.unroute(inside);
    await close();
  });

  test('a file is sold, downloaded under its name, resumed in the middle, downloaded as a ZIP, refunded and restored', async () => {
    const bytes = randomBytes(3_000_000);
    const seller = await walk.open('sell');
    await seller.page
      .locator('input[type=file]')
      .first()
      .setInputFiles([{ name: 'templates.bin', mimeType: 'application/octet-stream', buffer: bytes }]);
    await seller.page.getByText(/templates\.bin is ready to be sold/).waitFor();
    await seller.close();

    const { page, close } = await walk.open('');
    let purchases = 0;
    page.on('request', (request) => void (request.url().endsWith('/api/buy') && purchases++));
    await page.getByRole('button', { name: 'Buy' }).dblclick();
    const link = page.getByRole('link', { name: 'templates.bin' });
    await link.waitFor();
    expect(purchases, 'a double click buys once').toBe(1);
    const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
    expect(download.suggestedFilename()).toBe('templates.bin');
    const address = (await link.getAttribute('href')) ?? '';
    const rest = await fetch(address, { headers: { range: 'bytes=1000000-' } });
    expect(rest.status).toBe(206);
    expect(Buffer.from(await rest.arrayBuffer()).equals(bytes.subarray(1_000_000))).toBe(true);
    const zip = await fetch((await page.getByRole('link', { name: 'Everything as ZIP' }).getAttribute('href')) ?? '');
    const archive = Buffer.from(await zip.arrayBuffer());
    expect(archive.subarray(0, 2).toString()).toBe('PK');
    // Nothing is compressed, so the file is in it unchanged.
    expect([archive.includes('templates.bin'), archive.includes(bytes)]).toEqual([true, true]);

    // Nor does it take the refund back at once.
    await page.getByRole('button', { name: 'Refund' }).dblclick();
    await page.getByText('This purchase was refunded.').waitFor();
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Undo the refund');
    expect((await fetch(address)).status).toBe(410);
    await page.getByRole('button', { name: 'Undo the refund' }).click();
    await page.getByRole('button', { name: 'Refund', exact: true }).waitFor();
    expect((await fetch(address)).status).toBe(200);
    await close();
  });

  test('a file at a URL is imported, and one that cannot be fetched is refused with a sentence', async () => {
    const { page, close } = await walk.open('sell');
    // The field contains a URL of the shop's own, to try it.
    await page.getByRole('button', { name: 'Import' }).click();
    await page.getByText(/tools\.txt is ready to be sold/).waitFor();
    await page.getByLabel('Or from an address').fill('http://127.0.0.1:9/private.zip');
    await page.getByRole('button', { name: 'Import' }).click();
    await page.locator('.problem').waitFor();
    expect(await page.locator('.problem').innerText()).toMatch(/127\.0\.0\.1/);
    await close(/status of 4\d\d/);
  });

  test('an unsigned webhook is refused', async () => {
    const answer = await fetch(`${walk.running().url}/api/webhooks`, { method: 'POST', body: '{"type":"media_published"}' });
    expect(answer.status).toBe(401);
  });

  test('an address that leads nowhere shows the product', async () => {
    const { page, close } = await walk.open('nowhere');
    await page.getByRole('heading', { name: 'Bookbinding by hand' }).waitFor();
    await close();
  });

  test.each(['', 'sell', 'orders'])('page "%s" suits a phone in the dark', async (at) => await expectNarrowPage(walk, at));

  test.each(['', 'sell', 'orders'])('page "%s" says so when nobody can be reached', async (at) => await expectHonestOffline(walk, at));
});
