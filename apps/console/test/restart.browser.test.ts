import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';

import { openBrowser } from '../../../packages/server/test/support/browser.ts';
import { describeInBrowser } from '../../../packages/server/test/support/describe-in-browser.ts';
import { startProduct } from '../../../packages/server/test/support/product.ts';
import { freePort } from '../../../packages/server/test/support/free-port.ts';
import { temporaryDirectory } from '../../../packages/server/test/support/temporary-directory.ts';
import { openConsole } from './open-console.ts';
import { renderPhoto, samplePhotos } from './sample-photos.ts';
import { signToken } from './sign-token.ts';

/** More than a page of the library. */
const many = 60;

describeInBrowser('the console and a server that is started again', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(async () => await browser?.close());

  test('goes on in the middle of a list by itself, and shows what comes then', { timeout: 120_000 }, async () => {
    const secret = 'a secret of this test, long enough for HS256';
    const token = signToken(secret, 'developer', 'media:read media:write media:manage');
    const env = { PORT: String(await freePort()), SAFELIGHT_JWT_SECRET: secret };
    const dataDir = await temporaryDirectory();
    const start = async () => await startProduct('start', { dataDir, env });
    let product = await start();
    onTestFinished(async () => void (await product.stop()));
    const photo = new Blob([new Uint8Array(await renderPhoto({ ...samplePhotos[0], width: 64, height: 48 }))], { type: 'image/jpeg' });
    const upload = async (name: string): Promise<void> => {
      const form = new FormData();
      form.set('collection', 'artist.images');
      form.set('entityType', 'artist');
      form.set('entityId', '42');
      form.set('file', photo, name);
      const answer = await fetch(`${product.url}/v1/media`, { method: 'POST', headers: { authorization: `Bearer ${token}` }, body: form });
      expect(answer.status).toBe(201);
    };
    for (let at = 0; at < many; at++) await upload(`n${at}.jpg`);

    const page = await openConsole({ product, browser, token, at: '#/library?sort=oldest' });
    const tile = (name: string) => page.locator('.tile').filter({ hasText: name });
    await tile('n0.jpg').waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
    await product.stop();
    await page.getByText('Live', { exact: true }).waitFor({ state: 'detached' });
    // The next page is asked for while there is nobody who could answer.
    await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
    await page.getByText('The library could not be read').waitFor();
    expect(await page.locator('.tile').count(), 'what was read stays').toBeGreaterThan(0);

    product = await start();
    await page.getByText('The library could not be read').waitFor({ state: 'detached', timeout: 30_000 });
    await page.getByText('Live', { exact: true }).waitFor({ timeout: 30_000 });
    await expect
      .poll(async () => {
        await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
        return await tile(`n${many - 1}.jpg`).count();
      })
      .toBe(1);
    await upload('after.jpg');
    await expect
      .poll(async () => {
        await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
        return await tile('after.jpg').count();
      })
      .toBe(1);
  });
});
