import { randomUUID } from 'node:crypto';

import type { Webhook } from '@safelight/contract/webhooks';
import type { Browser, Page } from 'playwright-core';
import { beforeAll, beforeEach, expect, test } from 'vitest';

import { expectNoAxeViolations } from '../../../packages/server/test/support/browser.ts';
import { describeInBrowser } from '../../../packages/server/test/support/describe-in-browser.ts';
import { clientOf } from '../../../packages/server/test/support/product-client.ts';
import type { Product } from '../../../packages/server/test/support/product.ts';
import { beginAnewWhenTriedAgain, openProductInBrowser } from '../../../packages/server/test/support/product-in-browser.ts';
import { receiver } from '../../../packages/server/test/support/webhooks.ts';
import { verifyWebhook } from '@safelight/client/webhooks';
import { openConsole, type OpenConsole } from './open-console.ts';
import { signToken } from './sign-token.ts';

const secret = randomUUID() + randomUUID();

describeInBrowser('webhooks, in the console', () => {
  let product: Product;
  let browser: Browser;
  beforeAll(async () => {
    const opened = await openProductInBrowser({ env: { SAFELIGHT_JWT_SECRET: secret } });
    ({ product, browser } = opened);
    return opened.close;
  });
  beforeEach(beginAnewWhenTriedAgain(() => product));
  const admin = signToken(secret, 'ada', 'media:admin');
  const open = async (options: Omit<OpenConsole, 'product' | 'browser'> = {}): Promise<Page> =>
    await openConsole({ product, browser, token: admin, at: '#/webhooks', ...options });
  const create = async (url: string): Promise<Webhook> => {
    const headers = { authorization: `Bearer ${admin}`, 'content-type': 'application/json' };
    const answer = await fetch(`${product.url}/v1/webhooks`, { method: 'POST', headers, body: JSON.stringify({ url }) });
    expect(answer.status).toBe(201);
    return ((await answer.json()) as { webhook: Webhook }).webhook;
  };

  test('an endpoint is added, its secret shown once, tested, its message inspected and sent again', async () => {
    const application = await receiver((response, { body }) =>
      response.writeHead(body.includes('webhook_test') ? 200 : 204).end(`thank you${' very much'.repeat(90)}`),
    );
    const page = await open();
    await page.getByRole('heading', { name: 'No endpoints yet' }).waitFor();
    await expectNoAxeViolations(page);
    await page.getByRole('button', { name: 'Add an endpoint' }).click();
    await page.getByLabel('Address').fill(application.url);
    await page.getByLabel(/What it is for/).fill('the shop');
    await expectNoAxeViolations(page);
    await page.getByRole('button', { name: 'Add it' }).click();
    const shown = page.getByRole('region', { name: 'The secret' });
    const told = await shown.locator('.secret code').innerText();
    expect(told).toMatch(/^whsec_/);
    await expectNoAxeViolations(page);
    await page.getByRole('button', { name: 'I have kept it' }).click();
    await page.getByRole('link', { name: application.url }).click();
    await page.getByRole('heading', { name: 'Nothing was sent yet' }).waitFor();
    expect(await page.getByText(told).count()).toBe(0);

    await page.getByRole('button', { name: 'Send a test' }).click();
    await page.locator('.badge', { hasText: 'delivered' }).waitFor();
    const [message] = application.got;
    expect(await verifyWebhook(message?.body ?? '', message?.headers ?? {}, told)).toMatchObject({ type: 'webhook_test' });
    await page.getByRole('button', { name: 'webhook_test' }).click();
    const dialog = page.getByRole('dialog', { name: 'A delivery' });
    await dialog.getByText('thank you').waitFor();
    expect(await dialog.getByLabel('What was sent', { exact: true }).innerText()).toContain('"type": "webhook_test"');
    await expectNoAxeViolations(page);
    await page.setViewportSize({ width: 390, height: 500 });
    expect(await dialog.getByRole('button', { name: 'Send again' }).evaluate((one) => one.getBoundingClientRect().bottom), 'below a long answer').toBeLessThan(
      500,
    );
    await dialog.getByRole('button', { name: 'Send again' }).click();
    await expect.poll(() => application.got.length, { timeout: 20_000 }).toBe(2);
    expect(application.got[1]?.headers['webhook-id']).toBe(message?.headers['webhook-id']);
    await expect.poll(async () => await dialog.getByText('thank you').count(), { timeout: 20_000 }).toBe(2);
    await dialog.getByRole('button', { name: 'Close' }).click();

    await page.getByRole('button', { name: 'New secret' }).click();
    const next = await shown.locator('.secret code').innerText();
    expect(next).not.toBe(told);
    await page.getByRole('button', { name: 'Disable' }).click();
    await page.locator('.page-head .badge', { hasText: 'disabled' }).waitFor();
    expect(await page.getByRole('button', { name: 'Send a test' }).isDisabled()).toBe(true);
    await expectNoAxeViolations(page);
  });

  /** Wide and narrow screens. */
  const expectAccessible = async (page: Page): Promise<void> => {
    for (const size of [
      { width: 1440, height: 900 },
      { width: 390, height: 844 },
    ]) {
      await page.setViewportSize(size);
      await expectNoAxeViolations(page);
      expect(await page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth)).toBe(true);
    }
  };

  test('an endpoint is added for chosen events of chosen collections, changed, and removed', async () => {
    const page = await open();
    await page.getByRole('button', { name: 'Add an endpoint' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Address').fill('https://search.example/hook');
    await dialog.getByLabel('Everything but progress').uncheck();
    expect(await dialog.getByRole('button', { name: 'Add it' }).isDisabled()).toBe(true);
    await dialog.getByLabel('media_published').check();
    await dialog.getByLabel('upload_progress').check();
    await dialog.getByLabel('listing.photos').check();
    await expectAccessible(page);
    await dialog.getByRole('button', { name: 'Add it' }).click();
    await page.getByRole('button', { name: 'I have kept it' }).click();
    await page.getByRole('link', { name: 'https://search.example/hook' }).click();
    await page.getByText('media_published, upload_progress of listing.photos').waitFor();
    await expectAccessible(page);

    await page.getByRole('button', { name: 'Change', exact: true }).click();
    await dialog.getByLabel('Everything but progress').check();
    expect(await dialog.getByLabel('upload_progress').isChecked()).toBe(true);
    await dialog.getByLabel('listing.photos').uncheck();
    await dialog.getByLabel(/What it is for/).fill('the search index');
    await dialog.getByRole('button', { name: 'Change it' }).click();
    await page.getByText('the search index').waitFor();
    await page.getByText('everything but progress, upload_progress', { exact: false }).waitFor();

    await page.getByRole('button', { name: 'Remove' }).click();
    await expectAccessible(page);
    await dialog.getByRole('button', { name: 'Remove it' }).click();
    await page.getByRole('button', { name: 'Add an endpoint' }).waitFor();
    expect(await page.getByText('https://search.example/hook').count()).toBe(0);
  });

  test('a disabled endpoint is announced in a banner, and enabled with its missed events; deliveries are filtered and paged', async () => {
    let gone = true;
    const application = await receiver((response) => response.writeHead(gone ? 410 : 200).end('as you say'));
    const { id } = await create(application.url);
    const page = await open({ at: `#/webhooks/${id}` });
    await page.getByRole('button', { name: 'Send a test' }).click();
    await page.getByText('It was disabled: It answered 410').waitFor();
    const to = { collection: 'product.files', entityType: 'product', entityId: 'one' };
    expect((await clientOf(product).upload(to, Buffer.from('a file'), 'a.bin', 'application/octet-stream')).status).toBeLessThan(300);
    await page.getByRole('link', { name: 'All endpoints' }).click();
    await page.getByRole('alert').getByText('An endpoint does not hear what happens').waitFor();
    await expectAccessible(page);
    await page.getByRole('alert').getByRole('link', { name: application.url }).click();

    gone = false;
    await page.getByRole('cell', { name: 'dead' }).nth(1).waitFor();
    await page.getByRole('button', { name: 'Enable' }).click();
    await page.getByRole('button', { name: 'Replay what it missed' }).click();
    await expectAccessible(page);
    await page.getByRole('dialog').getByRole('button', { name: 'Deliver again' }).click();
    await page.getByText(/messages? (are|is) delivered again/).waitFor();
    await expect.poll(() => application.got.filter(({ body }) => body.includes('upload_complete')).length, { timeout: 20_000 }).toBe(1);

    await page.getByLabel('Event').selectOption('upload_complete');
    await page.getByRole('button', { name: 'upload_complete' }).click();
    await page.getByRole('dialog').getByText('as you say').waitFor();
    await expectAccessible(page);
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();

    const headers = { authorization: `Bearer ${admin}` };
    for (let n = 0; n < 26; n++) await fetch(`${product.url}/v1/webhooks/${id}/test`, { method: 'POST', headers });
    await page.getByLabel('Event').selectOption('webhook_test');
    await page.getByRole('button', { name: 'Older' }).click();
    await expect.poll(async () => await page.getByRole('button', { name: 'webhook_test' }).count()).toBe(2);
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Newer' }).click();
    await expect.poll(async () => await page.getByRole('button', { name: 'webhook_test' }).count()).toBe(25);
  });

  test('refusals and errors are shown with the server’s message; on a phone and in dark mode', async () => {
    const page = await open({ narrow: true, dark: true });
    await page.getByRole('button', { name: 'Add an endpoint' }).click();
    await page.getByLabel('Address').fill('http://169.254.169.254/latest');
    await page.getByRole('button', { name: 'Add it' }).click();
    await page.getByRole('alert').getByText('The endpoint could not be added').waitFor();
    await expectNoAxeViolations(page);
    await page.getByRole('button', { name: 'Leave it' }).click();

    const { id } = await create('http://127.0.0.1:9/nobody');
    await page.route('**/v1/webhooks/*/deliveries*', async (route) => await route.abort());
    await page.evaluate((at) => location.assign(at), `#/webhooks/${id}`);
    await page.getByRole('alert').getByText('The deliveries could not be read').waitFor();
    await expectNoAxeViolations(page);
    await page.unroute('**/v1/webhooks/*/deliveries*');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('heading', { name: 'Nothing was sent yet' }).waitFor();
    await expectNoAxeViolations(page);
  });

  test('people without admin rights have no such page', async () => {
    const page = await open({ token: signToken(secret, 'bob', 'media:manage') });
    await page.getByRole('navigation', { name: 'Console' }).waitFor();
    expect(await page.getByRole('link', { name: 'Webhooks' }).count()).toBe(0);
  });
});
