import { randomBytes, randomUUID } from 'node:crypto';

import type { Grant } from '@safelight/contract/grants';
import type { Browser, Page } from 'playwright-core';
import { beforeAll, beforeEach, expect, test } from 'vitest';

import { expectNoAxeViolations } from '../../../packages/server/test/support/browser.ts';
import { describeInBrowser } from '../../../packages/server/test/support/describe-in-browser.ts';
import type { Product } from '../../../packages/server/test/support/product.ts';
import { beginAnewWhenTriedAgain, openProductInBrowser } from '../../../packages/server/test/support/product-in-browser.ts';
import { openConsole, type OpenConsole } from './open-console.ts';
import { signToken } from './sign-token.ts';

const secret = randomUUID() + randomUUID();

describeInBrowser('purchases, in the console', () => {
  let product: Product;
  let browser: Browser;
  beforeAll(async () => {
    const opened = await openProductInBrowser({ env: { SAFELIGHT_JWT_SECRET: secret } });
    ({ product, browser } = opened);
    return opened.close;
  });
  beforeEach(beginAnewWhenTriedAgain(() => product));
  const manager = signToken(secret, 'ada', 'media:manage media:write media:read');
  const open = async (options: Omit<OpenConsole, 'product' | 'browser'> = {}): Promise<Page> =>
    await openConsole({ product, browser, token: manager, at: '#/grants', ...options });
  const ask = async <Body>(method: string, path: string, body?: object | FormData): Promise<Body> => {
    const isForm = body instanceof FormData;
    const answer = await fetch(`${product.url}/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${manager}`, ...(isForm || body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: isForm ? body : JSON.stringify(body) }),
    });
    expect(answer.ok, `${method} ${path} ${answer.status}`).toBe(true);
    return (await answer.json()) as Body;
  };
  const sell = async (buyerId: string): Promise<Grant> => {
    const form = new FormData();
    for (const [field, value] of Object.entries({ collection: 'product.files', entityType: 'product', entityId: randomUUID() })) form.append(field, value);
    form.append('file', new Blob([randomBytes(5000)]), 'a song with quite a long name, as they have.bin');
    const { media } = await ask<{ media: { id: string } }>('POST', '/media', form);
    await expect.poll(async () => (await ask<{ media: { status: string } }>('GET', `/media/${media.id}`)).media.status, { timeout: 30_000 }).toBe('ready');
    return (await ask<{ grant: Grant }>('POST', '/grants', { transaction: `order-${randomUUID()}`, assetIds: [media.id], buyerId, maxDownloads: 1 })).grant;
  };
  const visit = async (url: string, agent: string): Promise<number> => {
    const answer = await fetch(url, { headers: { 'user-agent': agent } });
    await answer.arrayBuffer();
    return answer.status;
  };

  test('a buyer complains: the purchase is found, refused requests and their reasons are shown, and it is corrected', async () => {
    const grant = await sell('ada@example.org');
    const url = grant.files[0]?.url ?? '';
    expect(await visit(url, 'one')).toBe(200);
    expect(await visit(url, 'Mozilla/5.0')).toBe(403);
    const page = await open();
    await page.getByRole('link', { name: grant.transaction }).waitFor();
    await expectNoAxeViolations(page);
    await page.getByLabel(/Order number/).fill('nobody');
    await page.getByRole('button', { name: 'Search' }).click();
    await page.getByRole('heading', { name: /Nothing was found for/ }).waitFor();
    await page.getByLabel(/Order number/).fill('ada@example.org');
    await page.getByRole('button', { name: 'Search' }).click();
    await page.locator('.badge', { hasText: 'used up' }).waitFor();
    await page.getByRole('link', { name: grant.transaction }).click();

    await page.getByRole('heading', { name: grant.transaction }).waitFor();
    await page.getByText('1 of 1').waitFor();
    await page.getByRole('region', { name: 'Downloads by day' }).getByRole('row').waitFor();
    const away = page.getByRole('region', { name: 'Refused requests' });
    await expect
      .poll(
        async () => {
          await page.reload();
          return await away.getByRole('row').filter({ hasText: 'all downloads are used' }).filter({ hasText: 'a browser' }).count();
        },
        { timeout: 20_000, interval: 500 },
      )
      .toBe(1);
    await expectNoAxeViolations(page);

    await page.getByRole('button', { name: /Reset the downloads of a song/ }).click();
    await page.getByText('0 of 1').waitFor();
    expect(await visit(url, 'Mozilla/5.0')).toBe(200);

    await page.getByRole('button', { name: 'Revoke' }).click();
    const dialog = page.getByRole('dialog', { name: 'Revoke this purchase?' });
    await expectNoAxeViolations(page);
    await dialog.getByRole('button', { name: 'Leave it' }).click();
    expect(await visit(grant.accessURL, 'one')).toBe(200);
    await page.getByRole('button', { name: 'Revoke' }).click();
    await dialog.getByRole('button', { name: 'Revoke it' }).click();
    await page.locator('.badge', { hasText: 'revoked' }).waitFor();
    expect(await visit(grant.accessURL, 'one')).toBe(410);
    await page.getByRole('button', { name: 'Restore' }).click();
    await page.getByRole('button', { name: 'Revoke' }).waitFor();
    expect(await visit(grant.accessURL, 'one')).toBe(200);

    await page.getByRole('button', { name: 'New address' }).click();
    await page.getByRole('dialog', { name: 'Make a new address?' }).getByRole('button', { name: 'Make it' }).click();
    await expect.poll(async () => await visit(grant.accessURL, 'one'), { timeout: 20_000 }).toBe(404);
    const renewed = (await ask<{ grant: Grant }>('GET', `/grants/${grant.transaction}`)).grant;
    expect(await visit(renewed.accessURL, 'one')).toBe(200);
  });

  test('the page works on a phone and in dark mode, and is hidden from people without management rights', async () => {
    const grant = await sell('eve');
    const page = await open({ narrow: true, dark: true });
    await page.getByRole('link', { name: grant.transaction }).click();
    await page.getByRole('heading', { name: 'Refused requests' }).waitFor();
    await expectNoAxeViolations(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth)).toBe(true);
    const seller = await open({ token: signToken(secret, 'eve', 'media:read media:write') });
    await seller.getByRole('link', { name: 'Library' }).waitFor();
    expect(await seller.getByRole('link', { name: 'Purchases' }).count()).toBe(0);
  });
});
