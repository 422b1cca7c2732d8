import { randomUUID } from 'node:crypto';

import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { openBrowser } from '../../../packages/server/test/support/browser.ts';
import { describeInBrowser } from '../../../packages/server/test/support/describe-in-browser.ts';
import { clientOf } from '../../../packages/server/test/support/product-client.ts';
import { startProduct, type Product } from '../../../packages/server/test/support/product.ts';
import { temporaryDirectory } from '../../../packages/server/test/support/temporary-directory.ts';
import { openConsole } from './open-console.ts';

/** More than one page of the library has. */
const many = 60;

describeInBrowser('a library that is open in two tabs', () => {
  let product: Product;
  let browser: Browser;
  beforeAll(async () => {
    [product, browser] = await Promise.all([startProduct('start', { dataDir: await temporaryDirectory() }), openBrowser()]);
  });
  afterAll(async () => {
    await Promise.all([browser?.close(), product?.stop()]);
  });

  const ask = async (method: string, path: string): Promise<number> =>
    (await fetch(`${product.url}/v1${path}`, { method, headers: { authorization: `Bearer ${product.token}` } })).status;
  /** Small files under a name of this try, which a search finds. */
  const upload = async (word: string, count: number): Promise<string[]> => {
    const ids: string[] = [];
    for (let at = 0; at < count; at++) {
      const to = { collection: 'product.files', entityType: 'product', entityId: word };
      const { body } = await clientOf(product).upload(to, Buffer.from('a file'), `${word} ${String(at).padStart(2, '0')}.bin`, 'application/octet-stream');
      ids.push((body as { media: { id: string } }).media.id);
    }
    return ids;
  };
  const openOn = async (word: string): Promise<Page> => {
    const page = await openConsole({ product, browser, at: `#/library?collection=product.files&q=${word}` });
    await page.locator('.tile').first().waitFor();
    return page;
  };
  /** How many the list has, those besides that are not in the document. */
  const countOf = async (page: Page): Promise<number> =>
    Number(
      (await page
        .locator('.tile')
        .first()
        .getAttribute('aria-setsize', { timeout: 1_000 })
        .catch(() => null)) ?? 0,
    );
  const scrollToEnd = async (page: Page): Promise<void> => await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));

  test('ends as the server has it after a storm of deletions and restorations, while one scrolls', async () => {
    const word = `storm${randomUUID().slice(0, 8)}`;
    const ids = await upload(word, many);
    const [one, other] = [await openOn(word), await openOn(word)];
    for (let round = 0; round < 3; round++) {
      await Promise.all([...ids.map(async (id) => await ask('DELETE', `/media/${id}`)), scrollToEnd(one)]);
      await Promise.all([...ids.map(async (id) => await ask('POST', `/media/${id}/restore`)), scrollToEnd(other)]);
    }
    for (const id of ids.slice(0, 5)) await ask('DELETE', `/media/${id}`);
    for (const page of [one, other])
      await expect
        .poll(
          async () => {
            await scrollToEnd(page);
            return await countOf(page);
          },
          { timeout: 30_000 },
        )
        .toBe(many - 5);
  });

  test('shows in both what is deleted in one and taken back in both at once', async () => {
    const word = `twice${randomUUID().slice(0, 8)}`;
    await upload(word, 2);
    const [one, other] = [await openOn(word), await openOn(word)];
    const tileIn = (page: Page) => page.locator('.tile').filter({ hasText: `${word} 00.bin` });
    await tileIn(one)
      .getByRole('button', { name: /^Delete/ })
      .click();
    await tileIn(one).waitFor({ state: 'detached' });
    await tileIn(other).waitFor({ state: 'detached' });
    await other.evaluate((hash) => location.assign(hash), `#/library?collection=product.files&status=deleted&q=${word}`);
    const restore = tileIn(other).getByRole('button', { name: /^Restore/ });
    await restore.waitFor();
    // Where the first was faster, there is nothing more to press in the second.
    await Promise.all([one.getByRole('button', { name: /Undo/ }).click(), restore.click({ timeout: 5_000 }).catch(() => undefined)]);
    await tileIn(one).waitFor();
    await tileIn(other).waitFor({ state: 'detached' });
    await other.evaluate((hash) => location.assign(hash), `#/library?collection=product.files&q=${word}`);
    await expect.poll(async () => await countOf(other)).toBe(2);
  });
});
