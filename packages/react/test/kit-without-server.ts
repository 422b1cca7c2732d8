import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';

import { openBrowser } from '../../server/test/support/browser.ts';
import { buildKit, openKit, show, type Kit, type OpenKit } from './open-kit.ts';

type Options = Partial<Omit<OpenKit, 'product' | 'browser' | 'kit'>>;

/**
 * The kit in a browser for the tests of a `describe` that need no product. `openEmpty` opens its document, `open` one of its pages, whose requests are
 * answered with 503. Nobody answers at `url`, where they come from.
 */
export function kitWithoutServer(url = 'http://kit.test') {
  let browser: Browser;
  let kit: Kit;
  beforeAll(async () => {
    [browser, kit] = await Promise.all([openBrowser(), buildKit()]);
  });
  afterAll(async () => {
    await browser?.close();
  });
  const openEmpty = async (options: Options = {}): Promise<Page> => await openKit({ product: { url }, browser, kit, ...options });
  const open = async (name: string, props: Record<string, unknown> = {}, options: Options = {}): Promise<Page> => {
    const page = await openEmpty(options);
    await page.route('**/v1/**', async (route) => await route.fulfill({ status: 503, json: { code: 'unavailable', detail: 'Not ready.' } }));
    await show(page, name, props);
    await page.getByRole('heading', { level: 1 }).waitFor();
    return page;
  };
  return { openEmpty, open };
}
