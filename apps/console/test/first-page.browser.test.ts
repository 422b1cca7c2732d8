import type { Browser } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';

import { describeInBrowser } from '../../../packages/server/test/support/describe-in-browser.ts';
import type { Product } from '../../../packages/server/test/support/product.ts';
import { openProductInBrowser } from '../../../packages/server/test/support/product-in-browser.ts';

describeInBrowser('the first page of the console', () => {
  let product: Product;
  let browser: Browser;
  beforeAll(async () => {
    const opened = await openProductInBrowser();
    ({ product, browser } = opened);
    return opened.close;
  });

  /** A script of the console with its compressed size and its text. */
  const script = async (name: string): Promise<{ bytes: number; text: string }> => {
    const url = `${product.url}/console/assets/${name}`;
    const [sent, text] = await Promise.all([fetch(url, { headers: { 'accept-encoding': 'gzip' } }), (await fetch(url)).text()]);
    await sent.body?.cancel();
    return { bytes: Number(sent.headers.get('content-length')), text };
  };

  test('needs at most 60 KB of script to be displayed', async () => {
    const index = await (await fetch(`${product.url}/console`)).text();
    const waiting = [...index.matchAll(/assets\/([\w-]+\.js)"/g)].flatMap(([, name]) => name ?? []);
    const entry = await script(waiting.find((name) => name.startsWith('console-')) ?? '');
    waiting.push(/overview-page-\w+\.js/.exec(entry.text)?.[0] ?? 'the overview is no file of its own');
    const loaded = new Map<string, number>();
    for (const name of waiting) {
      if (loaded.has(name)) continue;
      const { bytes, text } = await script(name);
      loaded.set(name, bytes);
      for (const [, imported = ''] of text.matchAll(/(?:from|import)\s*"\.\/([\w-]+\.js)"/g)) waiting.push(imported);
    }
    const total = [...loaded.values()].reduce((sum, bytes) => sum + bytes, 0);
    process.stdout.write(`The first page takes ${(total / 1000).toFixed(1)} KB of script in ${loaded.size} files.\n`);
    expect(total).toBeGreaterThan(10_000);
    expect(total).toBeLessThanOrEqual(60_000);
  });

  test('shows its content before it loads the other pages', async () => {
    const page = await browser.newPage();
    // The first request builds the console.
    await page.goto(`${product.url}/console#token=${product.token}`);
    await page.getByText('Stored, by collection').waitFor();
    const times: number[] = [];
    for (let round = 0; round < 5; round++) {
      await page.reload();
      await page.getByText('Stored, by collection').waitFor();
      await page.waitForFunction(() => performance.getEntriesByName('first-contentful-paint').length > 0);
      const { paint, late } = await page.evaluate(() => {
        const started = (name: string) => performance.getEntriesByType('resource').find((entry) => entry.name.includes(name))?.startTime ?? Infinity;
        return {
          paint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN,
          late: started('webhooks-page') > started('overview-page'),
        };
      });
      times.push(paint);
      expect(late).toBe(true);
    }
    process.stdout.write(`First content after ${times.map((ms) => `${Math.round(ms)} ms`).join(', ')}.\n`);
    await page.close();
  });
});
