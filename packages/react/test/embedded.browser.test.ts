import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { expectNoAxeViolations, openBrowser } from '../../server/test/support/browser.ts';
import { describeInBrowser } from '../../server/test/support/describe-in-browser.ts';
import { buildKit, openKit, show, type Kit } from './open-kit.ts';

/** A reset like Tailwind's, in a layer before that of the kit, and an admin that gives the kit its own dark colours. */
const admin = `@layer reset, safelight;
@layer reset { *, ::before, ::after { box-sizing: border-box; margin: 0; padding: 0; border: 0 solid } ol, ul { list-style: none }
img, svg, video, audio { display: block; max-width: 100%; height: auto } button, input, select, textarea { font: inherit; color: inherit; background: transparent } }
:root { color-scheme: dark } #root [class^='sl-'] { --sl-accent: rgb(120, 220, 255); --sl-on-accent: rgb(0, 20, 30) }`;

describeInBrowser('the parts of the kit in another application’s admin', () => {
  let browser: Browser;
  let kit: Kit;
  beforeAll(async () => {
    [browser, kit] = await Promise.all([openBrowser(), buildKit()]);
  });
  afterAll(async () => {
    await browser?.close();
  });

  test('keep their look beside a reset in a layer, take the admin’s dark colours, and stay accessible', async () => {
    const page = await openKit({ product: { url: 'http://127.0.0.1:9' }, browser, kit, styles: admin, context: { colorScheme: 'dark' } });
    await show(page, 'RefusingPage', {});
    await page.getByRole('button', { name: 'Remove sea.jpg' }).waitFor();
    await expectNoAxeViolations(page);
    await show(page, 'StubbornPage', {});
    const trigger = page.getByRole('button', { name: 'Choose files' });
    expect(await trigger.evaluate((button) => [getComputedStyle(button).backgroundColor, getComputedStyle(button).color])).toEqual([
      'rgb(120, 220, 255)',
      'rgb(0, 20, 30)',
    ]);
    await expectNoAxeViolations(page);
  });
});
