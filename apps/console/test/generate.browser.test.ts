import type { Browser, Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';

import { expectNoAxeViolations } from '../../../packages/server/test/support/browser.ts';
import { describeInBrowser } from '../../../packages/server/test/support/describe-in-browser.ts';
import type { Product } from '../../../packages/server/test/support/product.ts';
import { openProductInBrowser } from '../../../packages/server/test/support/product-in-browser.ts';
import { openConsole } from './open-console.ts';

describeInBrowser('generation in the console', () => {
  let product: Product;
  let browser: Browser;
  beforeAll(async () => {
    const opened = await openProductInBrowser();
    ({ product, browser } = opened);
    return opened.close;
  });

  const open = async (options: { dark?: boolean } = {}): Promise<Page> => {
    const page = await openConsole({ product, browser, at: '#/generate', ...options });
    await page.getByRole('heading', { level: 1, name: 'Generate' }).waitFor();
    return page;
  };
  /** Requested without the console, like by an application, so that failures can be rehearsed. */
  const ask = async (body: object): Promise<string> => {
    const answer = await fetch(`${product.url}/v1/generate/image`, {
      method: 'POST',
      headers: { authorization: `Bearer ${product.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ prompt: 'a lamp', provider: 'local', size: '64x64', ...body }),
    });
    return ((await answer.json()) as { jobId: string }).jobId;
  };
  const cardOf = (page: Page, jobId: string) => page.locator(`[data-job="${jobId}"]`);

  test('generates pictures from a prompt and from a picture of the library, shows them live and marked, and the record says how each was made', async () => {
    const page = await open();
    await page.getByLabel('Prompt').fill('a lamp over a negative');
    await page.getByLabel('How many').fill('2');
    await page.getByRole('button', { name: 'Generate' }).click();
    const card = page.locator('.generation-card').filter({ hasText: 'a lamp over a negative' });
    await card.getByText('complete', { exact: true }).waitFor();
    expect(await card.locator('.generated-media li').count()).toBe(2);
    expect(await card.locator('.ai-mark').first().textContent()).toMatch(/^AI/);
    await expect.poll(async () => await page.locator('.allowance').textContent()).toMatch(/Pictures today2/);

    await page.getByRole('button', { name: 'Choose from the library' }).click();
    await page.getByRole('dialog').locator('.picture-choice button').first().click();
    await page.getByLabel('Prompt').fill('the same by day');
    await page.getByRole('button', { name: 'Generate' }).click();
    const second = page.locator('.generation-card').filter({ hasText: 'the same by day' });
    await second.getByText('complete', { exact: true }).waitFor();
    await second.locator('.generated-media a').first().click();
    const facts = page.locator('.generated-facts');
    await facts.getByText('the same by day').waitFor();
    await facts.getByText('local, local-image').waitFor();
    expect(await facts.getByRole('link').count()).toBe(1);
    await page.evaluate(() => location.assign('#/library'));
    await page.locator('.tile .ai-mark').first().waitFor();
    // What it shows, not the number that it is stored under.
    await page.getByRole('link', { name: 'the same by day, ' }).first().waitFor();
    await page.locator('.tile-name').getByText('the same by day', { exact: true }).first().waitFor();
  });

  test('explains a failure and retries it, warns that it may cost again, and says which of several failed', async () => {
    const page = await open();
    const budget = cardOf(page, await ask({ providerOptions: { local: { fail: 'provider_quota' } } }));
    await budget.getByText('The budget at the provider is used up').waitFor();
    await budget.getByRole('button', { name: 'Try again' }).click();
    await expect.poll(async () => await page.getByText('The budget at the provider is used up').count()).toBeGreaterThan(1);
    const unknown = cardOf(page, await ask({ providerOptions: { local: { fail: 'outcome_unknown' } } }));
    await unknown.getByRole('button', { name: 'it may cost again' }).waitFor();
    const partial = cardOf(page, await ask({ n: 3, providerOptions: { local: { fail: 'provider_refused', failIndex: 1 } } }));
    await partial.getByText(/2 of 3: .*refused to make this/).waitFor();
    expect(await partial.locator('.generated-media li').count()).toBe(2);
  });

  test('cancels a running one, and says what is known about its cost', async () => {
    const page = await open();
    const card = cardOf(page, await ask({ providerOptions: { local: { delayMs: 60_000 } } }));
    await card.getByRole('button', { name: 'Cancel' }).press('Enter');
    await card.getByText('nothing is spent any more').waitFor();
    await card.getByRole('button', { name: 'Cancel' }).waitFor({ state: 'detached' });
    await expect.poll(() => card.evaluate((one) => one.contains(document.activeElement)), { message: 'the keyboard goes on here' }).toBe(true);
  });

  test('a refusal of the server is shown at the form', async () => {
    const page = await open();
    await page.route('**/v1/generate/image', async (route) => {
      const problem = {
        type: 'about:blank',
        title: 'The quota is used up',
        status: 409,
        code: 'quota_exceeded',
        detail: 'You have had 9 of 9 images today.',
        resetsAt: null,
      };
      await route.fulfill({ status: 409, contentType: 'application/problem+json', body: JSON.stringify(problem) });
    });
    await page.getByLabel('Prompt').fill('a lamp');
    await page.getByRole('button', { name: 'Generate' }).click();
    await page.getByRole('alert').getByText('You have had 9 of 9 images today.').waitFor();
  });

  test('explains a site without any generation model, and a server that does not answer', async () => {
    const page = await open();
    await page.route('**/v1/generate/models', async (route) => await route.fulfill({ json: { models: [] } }));
    await page.reload();
    await page.getByText('No model is configured').waitFor();
    await expectNoAxeViolations(page);
    await page.route('**/v1/generate/models', async (route) => await route.fulfill({ status: 500, contentType: 'text/plain', body: 'no' }));
    await page.reload();
    await page.getByText('The models could not be read').waitFor();
  });

  test.each([
    ['light', {}],
    ['dark', { dark: true }],
  ])('is within reach of everybody at every width: %s', async (_name, options) => {
    const page = await open(options);
    await page.getByRole('textbox', { name: 'Prompt' }).waitFor();
    const jobId = await ask({ n: 2, prompt: 'a very long prompt that does not fit into one line of a card, '.repeat(4) });
    await cardOf(page, jobId).locator('.generated-media img').first().waitFor();
    for (const width of [390, 1440, 2560]) {
      await page.setViewportSize({ width, height: 1000 });
      await expectNoAxeViolations(page);
      expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
    }
  });
});
