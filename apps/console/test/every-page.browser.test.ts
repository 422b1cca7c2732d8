import type { Browser, Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';

import { expectNoAxeViolations } from '../../../packages/server/test/support/browser.ts';
import { describeInBrowser } from '../../../packages/server/test/support/describe-in-browser.ts';
import type { Product } from '../../../packages/server/test/support/product.ts';
import { openProductInBrowser } from '../../../packages/server/test/support/product-in-browser.ts';
import { cutTexts, enlargeText, zooms } from '../../../packages/server/test/support/zoom.ts';
import { fillProduct } from './fill-product.ts';
import { openConsole } from './open-console.ts';

/** Every page, and an element that shows that it has loaded. */
const pages = {
  overview: '.figures a',
  events: '.empty',
  upload: '.drop-zone',
  generate: 'textarea',
  library: '.tile',
  'library/{id}': '.record',
  jobs: 'tbody tr',
  review: '.review-actions',
  policies: '.collection-card',
  'policies/listing.photos': '.policy-history li',
  grants: 'tbody tr',
  'grants/order-1042': 'tbody tr',
  discrepancies: '.class-list',
  webhooks: 'tbody tr',
} as const;

const looks = [
  { name: '390, light', width: 390, dark: false },
  { name: '390, dark', width: 390, dark: true },
  { name: '1440, light', width: 1440, dark: false },
  { name: '1440, dark', width: 1440, dark: true },
  { name: '2560, light', width: 2560, dark: false },
  { name: '2560, dark', width: 2560, dark: true },
] as const;

describeInBrowser('every page of the console', () => {
  let product: Product;
  let browser: Browser;
  /** The record that is looked at. */
  let shown = '';
  beforeAll(async () => {
    const opened = await openProductInBrowser();
    ({ product, browser } = opened);
    await fillProduct(product);
    const answer = await fetch(`${product.url}/v1/media?published=true&collection=artist.images`, { headers: { authorization: `Bearer ${product.token}` } });
    shown = ((await answer.json()) as { media: { id: string }[] }).media[0]?.id ?? '';
    return opened.close;
  });

  const goTo = async (page: Page, name: string, there: string): Promise<void> => {
    await page.evaluate((path) => location.assign(`#/${path}`), name.replace('{id}', shown));
    await page.locator(there).first().waitFor();
    await page.waitForFunction(() => document.querySelector('.skeleton') === null);
  };

  describe.each(looks)('at $name', ({ width, dark }) => {
    test('has no accessibility problem, does not scroll sideways and uses the available width', { timeout: 120_000 }, async () => {
      const page = await openConsole({ product, browser, dark, at: '' });
      await page.setViewportSize({ width, height: width < 800 ? 844 : 1000 });
      for (const [name, there] of Object.entries(pages)) {
        await goTo(page, name, there);
        await expectNoAxeViolations(page);
        const { content, main } = await page.evaluate(() => ({
          content: document.documentElement.scrollWidth,
          main: document.querySelector('main > *')?.getBoundingClientRect().width ?? 0,
        }));
        expect(content, `${name} is wider than its window`).toBeLessThanOrEqual(width);
        if (width === 2560) expect(main, `${name} leaves the width of a large screen unused`).toBeGreaterThan(1800);
      }
    });
  });

  describe.each(zooms)('at $name', ({ context, text }) => {
    test('stays whole: nothing is cut off, nobody has to scroll sideways, and there is no accessibility problem', { timeout: 120_000 }, async () => {
      const page = await openConsole({ product, browser, at: '', context });
      await enlargeText(page, text);
      for (const [name, there] of Object.entries(pages)) {
        await goTo(page, name, there);
        expect(await cutTexts(page), `cut off on ${name}`).toEqual([]);
        expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), `${name} is wider than its window`).toBeLessThanOrEqual(0);
        await expectNoAxeViolations(page);
      }
    });
  });

  test('is a tap away on a phone, and the navigation shows where one is', async () => {
    const page = await openConsole({ product, browser, narrow: true, at: '#/overview' });
    const links = page.getByRole('navigation', { name: 'Console' }).getByRole('link');
    await page.locator('.figures a').first().waitFor();
    for (const link of await links.all()) {
      // Elsewhere first: two taps at one place within a moment are a double tap.
      await page.touchscreen.tap(180, 20);
      await link.tap();
      await page.waitForFunction((path) => location.hash.startsWith(path ?? ''), await link.getAttribute('href'));
      await expect.poll(async () => await link.getAttribute('aria-current')).toBe('page');
      const { left, right } = await link.evaluate((one) => one.getBoundingClientRect());
      expect(left >= 0 && right <= 360, `${await link.textContent()} is in view`).toBe(true);
    }
    await page.goto(`${product.url}/console#/webhooks`);
    await page.getByRole('heading', { level: 1, name: 'Webhooks' }).waitFor();
    await expect.poll(async () => await links.last().evaluate((one) => one.getBoundingClientRect().right)).toBeLessThanOrEqual(360);
  });

  test('marks what is current where people choose the colours, which takes all backgrounds away', async () => {
    const page = await openConsole({ product, browser, at: '', context: { forcedColors: 'active' } });
    await goTo(page, 'library', pages.library);
    const framed = async (current: string): Promise<boolean> => await page.locator(current).evaluate((one) => getComputedStyle(one).outlineStyle === 'solid');
    expect(await framed('nav [aria-current="page"]')).toBe(true);
    expect(await framed('.view-switch [aria-pressed="true"]')).toBe(true);
    expect(await framed('.view-switch [aria-pressed="false"]')).toBe(false);
  });

  test('moves nothing for somebody who has asked for less motion', async () => {
    const page = await openConsole({ product, browser, at: '' });
    await goTo(page, 'overview', pages.overview);
    // What is asked for and not answered yet: there, and only there, something moves all the time.
    await page.route(/\/v1\/(media|jobs|grants|webhooks)/, () => undefined);
    const moving = async (): Promise<number> => await page.evaluate(() => document.getAnimations().filter(({ playState }) => playState === 'running').length);
    for (const name of ['library', 'jobs', 'grants', 'webhooks']) {
      await page.evaluate((path) => location.assign(`#/${path}`), name);
      await page.locator('.skeleton').first().waitFor();
      expect(await moving(), name).toBe(0);
      await page.emulateMedia({ reducedMotion: 'no-preference' });
      await expect.poll(moving, { message: `${name} moves for the others` }).toBeGreaterThan(0);
      await page.emulateMedia({ reducedMotion: 'reduce' });
    }
  });

  test('has the focus from the moment that it is shown, whatever draws it: a key that is pressed at once is not undone', async () => {
    const page = await openConsole({ product, browser, at: '' });
    let open = (): void => undefined;
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    await page.route(/\/v1\/events/, async (route) => {
      await opened;
      await route.continue();
    });
    await page.reload();
    // The other pages have been fetched as well: going to one takes a single step.
    await page.waitForFunction(() => performance.getEntriesByType('resource').some(({ name }) => name.includes('events-page')));
    await page.locator(pages.overview).first().waitFor();
    // React then does the work of one commit in several tasks, as on a busy machine.
    await (await page.context().newCDPSession(page)).send('Emulation.setCPUThrottlingRate', { rate: 20 });
    const focused = page.evaluate(async () => {
      // Without an event: the event stream that connects draws it, and not the address that changes.
      history.pushState(null, '', '#/events');
      await new Promise<void>((resolve) => {
        new MutationObserver(() => document.querySelector('.events-page') && resolve()).observe(document.body, { childList: true, subtree: true });
      });
      return document.activeElement?.id;
    });
    open();
    expect(await focused).toBe('content');
  });

  test('can be used with the keyboard alone: the focus is visible, and is never trapped', { timeout: 120_000 }, async () => {
    const page = await openConsole({ product, browser, at: '' });
    for (const [name, there] of Object.entries(pages)) {
      await goTo(page, name, there);
      await page.evaluate(() => document.querySelector<HTMLElement>('#content')?.focus());
      const seen = new Set<string>();
      for (let step = 0; step < 40; step++) {
        await page.keyboard.press('Tab');
        const focused = await page.evaluate(() => {
          const element = document.activeElement;
          if (element === null || element === document.body) return null;
          // The focus of a visually hidden field is shown by its label.
          const shown = element.matches('.visually-hidden') ? (element.closest('label') ?? element) : element;
          const { top, bottom, left, right } = shown.getBoundingClientRect();
          // The focus of a tile is shown on the whole tile.
          const marks = [shown, shown.closest('.tile') ?? shown].map((one) => getComputedStyle(one));
          return {
            name: `${element.tagName} ${element.getAttribute('aria-label') ?? element.textContent?.slice(0, 40) ?? ''}`,
            inView: bottom > 0 && top < innerHeight && right > 0 && left < innerWidth,
            marked: marks.some(({ outlineStyle, boxShadow }) => outlineStyle !== 'none' || boxShadow !== 'none'),
          };
        });
        if (focused === null) break;
        expect(focused, `the focus on ${name}`).toMatchObject({ inView: true, marked: true });
        seen.add(focused.name);
      }
      // While nothing happens, all that there is on the page of events is the way back.
      expect(seen.size, `the keyboard reaches what is on ${name}`).toBeGreaterThan(name === 'events' ? 0 : 1);
    }
  });

  test('takes a double click for one click, whatever the first puts under the pointer, except where a second one goes on', async () => {
    const page = await openConsole({ product, browser, at: '' });
    const sent: string[] = [];
    page.on('request', (request) => request.method() !== 'GET' && sent.push(`${request.method()} ${new URL(request.url()).pathname.split('/').at(-1)}`));
    await goTo(page, 'review', pages.review);
    const before = await page.locator('.review-stage h2').textContent();
    await page.getByRole('button', { name: 'Approve', exact: true }).dblclick();
    await page.getByText(`${before} was approved.`).waitFor();
    expect(sent).toHaveLength(1);

    await goTo(page, 'grants/order-1042', pages['grants/order-1042']);
    await page.getByRole('button', { name: 'Revoke' }).dblclick({ position: { x: 3, y: 3 } });
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke it' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });

    await goTo(page, 'library', pages.library);
    const ids = await page.locator('.tile-link').evaluateAll((tiles) => tiles.map((tile) => tile.getAttribute('data-media')));
    // Not the first: the arrow to it appears and moves nothing only from there on.
    await page.locator('.tile-link').nth(1).click();
    const older = page.getByRole('link', { name: /^Older/ });
    await older.click();
    await expect.poll(() => older.getAttribute('href')).toContain(`library/${ids[3]}`);
    await older.dispatchEvent('click', { detail: 2 });
    await expect.poll(() => page.url()).toContain(`library/${ids[3]}`);
  });

  test('keeps the focus on a button whose request is on its way, and asks only once', async () => {
    const page = await openConsole({ product, browser, at: '' });
    await goTo(page, 'grants/order-1042', pages['grants/order-1042']);
    let asked = 0;
    let answer = (): void => undefined;
    const answered = new Promise<void>((resolve) => {
      answer = resolve;
    });
    await page.route('**/v1/grants/order-1042', async (route) => {
      if (route.request().method() !== 'PATCH') return await route.continue();
      asked += 1;
      await answered;
      await route.continue();
    });
    const reset = page.getByRole('button', { name: 'Reset all downloads' });
    await reset.press('Enter');
    await page.locator('[aria-disabled="true"]', { hasText: 'Reset all downloads' }).waitFor();
    await page.keyboard.press('Enter');
    expect(await reset.evaluate((button) => button === document.activeElement)).toBe(true);
    answer();
    await page.locator('[aria-disabled="false"]', { hasText: 'Reset all downloads' }).waitFor();
    expect(await reset.evaluate((button) => button === document.activeElement)).toBe(true);
    expect(asked).toBe(1);
  });
});
