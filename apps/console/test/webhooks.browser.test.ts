import { randomUUID } from 'node:crypto';

import type { Webhook } from '@safelight/contract/webhooks';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { expectNoAxeViolations, openBrowser } from '../../../packages/server/test/support/browser.ts';
import { describeInBrowser } from '../../../packages/server/test/support/describe-in-browser.ts';
import { startProduct, type Product } from '../../../packages/server/test/support/product.ts';
import { temporaryDirectory } from '../../../packages/server/test/support/temporary-directory.ts';
import { receiver } from '../../../packages/server/test/support/webhooks.ts';
import { verifyWebhook } from '@safelight/client/webhooks';
import { openConsole, type OpenConsole } from './open-console.ts';
import { signToken } from './sign-token.ts';

const secret = randomUUID() + randomUUID();

describeInBrowser('webhooks, in the console', () => {
  let product: Product;
  let browser: Browser;
  beforeAll(async () => {
    [product, browser] = await Promise.all([
      startProduct('start', { dataDir: await temporaryDirectory(), env: { SAFELIGHT_JWT_SECRET: secret } }),
      openBrowser(),
    ]);
  });
  afterAll(async () => {
    await Promise.all([browser?.close(), product?.stop()]);
  });
  const admin = signToken(secret, 'ada', 'media:admin');
  const open = async (options: Omit<OpenConsole, 'product' | 'browser'> = {}): Promise<Page> =>
    await openConsole({ product, browser, token: admin, at: '#/webhooks', ...options });
  const create = async (url: string): Promise<Webhook> => {
    const headers = { authorization: `Bearer ${admin}`, 'content-type': 'application/json' };
    const answer = await fetch(`${product.url}/v1/webhooks`, { method: 'POST', headers, body: JSON.stringify({ url }) });
    expect(answer.status).toBe(201);
    return ((await answer.json()) as { webhook: Webhook }).webhook;
  };

  test('an endpoint is added, its secret shown once, tested, its message looked at and sent again', async () => {
    const application = await receiver((response, { body }) => response.writeHead(body.includes('webhook_test') ? 200 : 204).end('thank you'));
    const page = await open();
    await page.getByRole('heading', { name: 'Nobody is told yet' }).waitFor();
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
    await dialog.getByRole('button', { name: 'Send again' }).click();
    await expect.poll(() => application.got.length, { timeout: 20_000 }).toBe(2);
    expect(application.got[1]?.headers['webhook-id']).toBe(message?.headers['webhook-id']);
    await dialog.getByRole('button', { name: 'Close' }).click();

    await page.getByRole('button', { name: 'New secret' }).click();
    const next = await shown.locator('.secret code').innerText();
    expect(next).not.toBe(told);
    await page.getByRole('button', { name: 'Disable' }).click();
    await page.locator('.page-head .badge', { hasText: 'disabled' }).waitFor();
    expect(await page.getByRole('button', { name: 'Send a test' }).isDisabled()).toBe(true);
    await expectNoAxeViolations(page);
  });

  test('what is refused, and what cannot be read, is told in the server’s words; on a phone and in the dark', async () => {
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

  test('who is no administrator has no such page', async () => {
    const page = await open({ token: signToken(secret, 'bob', 'media:manage') });
    await page.getByRole('navigation', { name: 'Console' }).waitFor();
    expect(await page.getByRole('link', { name: 'Webhooks' }).count()).toBe(0);
  });
});
