import type { Browser } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';

import { expectNoAxeViolations } from './support/browser.ts';
import { describeInBrowser } from './support/describe-in-browser.ts';
import type { Product } from './support/product.ts';
import { openProductInBrowser } from './support/product-in-browser.ts';

/** The API reference is a program of five megabytes, which a busy machine needs time to start. */
const slow = { timeout: 150_000 };

describeInBrowser('the page at /', () => {
  let product: Product;
  let browser: Browser;
  beforeAll(async () => {
    const opened = await openProductInBrowser();
    ({ product, browser } = opened);
    return opened.close;
  });

  test.each([390, 1440, 2560])('fits a screen %i wide, light and dark, and breaks no rule of accessibility', async (width) => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
      await page.goto(product.url);
      await page.getByText('Ready', { exact: true }).waitFor();
      await expectNoAxeViolations(page);
      expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
      await page.close();
    }
  });

  test('leads to the console and shows a command, with the keyboard alone', async () => {
    const context = await browser.newContext({ permissions: ['clipboard-read', 'clipboard-write'] });
    const page = await context.newPage();
    await page.goto(product.url);
    for (let presses = 0; presses < 20; presses += 1) {
      await page.keyboard.press('Tab');
      if ((await page.evaluate(() => document.activeElement?.id)) === 'copy') break;
    }
    await page.keyboard.press('Enter');
    await page.getByText('Copied.').waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toContain(`curl ${product.url}/v1/media`);
    await page.getByRole('link', { name: /^Console/ }).press('Enter');
    await page.waitForURL(/\/console/);
    await context.close();
  });

  test('on a phone, the API reference ends the title of a long operation with an ellipsis where the page ends', slow, async () => {
    const page = await browser.newPage({ viewport: { width: 390, height: 844 } });
    page.setDefaultTimeout(slow.timeout);
    await page.goto(`${product.url}/docs`);
    await page.getByRole('heading', { level: 1 }).first().waitFor();
    // Operations are drawn when they come near, so it is scrolled to as a reader does.
    const title = page.locator('.t-doc__header span', { hasText: 'Complete an upload' });
    await expect.poll(async () => await page.mouse.wheel(0, 600).then(async () => await title.count()), slow).toBe(1);
    const shown = await title.evaluate((span) => {
      const { overflowX, textOverflow } = getComputedStyle(span);
      return { isCut: span.scrollWidth > span.clientWidth, overflowX, textOverflow };
    });
    expect(shown).toEqual({ isCut: true, overflowX: 'hidden', textOverflow: 'ellipsis' });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    await page.close();
  });

  test('leads to the API reference, which contacts no other host and sends requests with the token that it was given', slow, async () => {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    page.setDefaultTimeout(slow.timeout);
    const [elsewhere, refused]: string[][] = [[], []];
    page.on('request', (request) => {
      const { origin, protocol } = new URL(request.url());
      if (origin !== product.url && protocol.startsWith('http')) elsewhere?.push(request.url());
    });
    page.on('console', (message) => {
      if (message.type() === 'error') refused?.push(message.text());
    });
    await page.goto(`${product.url}/docs#token=not-a-token`);
    await page.getByText('/v1/media/upload/init').first().waitFor();
    expect(new URL(page.url()).hash).not.toContain('token');
    expect({ elsewhere, refused }).toEqual({ elsewhere: [], refused: [] });
    await page.close();
  });

  test('shows there how to call an operation in curl and in TypeScript and what it answers, and calls it with the development token', slow, async () => {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    page.setDefaultTimeout(slow.timeout);
    const refused: string[] = [];
    page.on('console', (message) => void (message.type() === 'error' && refused.push(message.text())));
    await page.goto(`${product.url}/docs#token=${product.token}`);
    const operation = page.locator('[id$="tag/media/GET/v1/media"]').first();
    // Content far below is only rendered when somebody scrolls there.
    await page.getByText('/v1/media/upload/init').first().waitFor();
    await page.evaluate(() => location.assign('#tag/media/GET/v1/media'));
    const tryIt = operation.getByRole('button', { name: 'Test Request' });
    await tryIt.waitFor();
    expect(await operation.innerText()).toContain(`curl '${product.url}/v1/media'`);
    await operation.getByRole('button', { name: 'curl' }).click();
    await page.getByRole('option', { name: 'TypeScript' }).click();
    await operation.getByText("await client.request('listMedia', {})").waitFor();
    await tryIt.click();
    const asked = page.waitForResponse((response) => new URL(response.url()).pathname === '/v1/media');
    await page.keyboard.press('Control+Enter');
    const answer = await asked;
    expect([answer.status(), await answer.json()]).toEqual([200, { media: [], nextCursor: null }]);
    expect(refused).toEqual([]);
    await page.close();
  });
});
