import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { closeContext, expectNoAxeViolations, openBrowser } from './support/browser.ts';
import { describeInBrowser } from './support/describe-in-browser.ts';

const page = (body: string): string =>
  `data:text/html,${encodeURIComponent(`<!doctype html><html lang="en"><title>Darkroom</title><main>${body}</main></html>`)}`;

describeInBrowser('the browser that tests run in', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());

  test('renders a page, with a font', async () => {
    const tab = await browser.newPage();
    await tab.goto(page('<h1><span>Safelight</span></h1>'));
    expect(await tab.title()).toBe('Darkroom');
    expect(await tab.locator('span').evaluate((element) => element.getBoundingClientRect().width)).toBeGreaterThan(50);
  });

  test('separates origins, like the browsers of viewers', async () => {
    const server = createServer((_request, response) => response.end('private')).listen(0, '127.0.0.1');
    try {
      await once(server, 'listening');
      const tab = await browser.newPage();
      await tab.goto(page('<h1>Safelight</h1>'));
      const { port } = server.address() as AddressInfo;
      const read = tab.evaluate((url) => fetch(url).then((response) => response.text()), `http://127.0.0.1:${port}/`);
      await expect(read).rejects.toThrow('Failed to fetch');
    } finally {
      server.close();
    }
  });

  test('closes a page while one of its routes waits for an answer', async () => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    try {
      await once(silent, 'listening');
      const { port } = silent.address() as AddressInfo;
      const tab = await browser.newPage();
      const failed = Promise.withResolvers<string>();
      await tab.route('http://silent.test/', async (route) => {
        const fetching = route.fetch({ url: `http://127.0.0.1:${port}/` });
        fetching.catch((error: Error) => failed.resolve(error.message));
        await fetching;
      });
      void tab.goto('http://silent.test/').catch(() => undefined);
      await once(silent, 'request');
      await closeContext(tab.context());
      // The fetch has failed, and nothing but this test has heard of it: vitest fails a run in which a promise rejects unheard.
      expect(await failed.promise).toMatch(/disposed|closed/);
    } finally {
      silent.closeAllConnections();
      silent.close();
    }
  });

  test('finds an accessibility problem, and passes a page without one', async () => {
    const tab = await browser.newPage();
    await tab.goto(page('<h1>Safelight</h1><img src="data:,">'));
    await expect(expectNoAxeViolations(tab)).rejects.toThrow(/^image-alt: .*, at img$/m);
    await tab.goto(page('<h1>Safelight</h1><img src="data:," alt="a lamp">'));
    await expectNoAxeViolations(tab);
  });
});
