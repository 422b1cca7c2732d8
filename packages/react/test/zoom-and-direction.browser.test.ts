import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';

import { expectNoAxeViolations } from '../../server/test/support/browser.ts';
import { describeInBrowser } from '../../server/test/support/describe-in-browser.ts';
import { cutTexts, enlargeText, zooms } from '../../server/test/support/zoom.ts';
import { show, type OpenKit } from './open-kit.ts';
import { kitWithoutServer } from './kit-without-server.ts';

describeInBrowser('every part of the kit', () => {
  const { open } = kitWithoutServer();
  const openParts = async (context: OpenKit['context'] = {}): Promise<Page> => {
    const page = await open('PartsPage', {}, { context });
    await page.locator('[data-part="MediaUploader.List"] .mine').waitFor();
    return page;
  };

  describe.each(zooms)('at $name', ({ context, text }) => {
    test('stays whole: nothing is cut off, and nobody has to scroll sideways', async () => {
      const page = await openParts(context);
      await enlargeText(page, text);
      expect(await cutTexts(page)).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 'wider than the window').toBeLessThanOrEqual(0);
    });

    test('has no accessibility problem in a list of files and in a library', async () => {
      const page = await open('StubbornPage', {}, { context });
      await enlargeText(page, text);
      const chooser = page.waitForEvent('filechooser');
      await page.getByRole('button', { name: 'Choose files' }).click();
      await (
        await chooser
      ).setFiles(['good.txt', `stubborn-${'very-long-'.repeat(20)}.txt`].map((name) => ({ name, mimeType: 'text/plain', buffer: Buffer.from('a') })));
      await page.locator('.sl-file[data-state="failed"]').waitFor();
      expect(await cutTexts(page)).toEqual([]);
      await expectNoAxeViolations(page);
      await show(page, 'ManyPage', { count: 30 });
      await page.getByText('photo 29', { exact: true }).waitFor();
      expect(await cutTexts(page)).toEqual([]);
      await expectNoAxeViolations(page);
    });
  });

  test('is mirrored where the page is read from right to left, but for time, which runs from left to right there too', async () => {
    const page = await openParts();
    /** The distance of each element from the side at which reading begins. */
    const distances = async (): Promise<{ name: string; at: number }[]> =>
      await page.evaluate(() => {
        const isRTL = document.documentElement.dir === 'rtl';
        return [...document.querySelectorAll('#root [class*="sl-"]')]
          .filter((element) => element.closest('[dir="ltr"] > *') === null && element.closest('.sl-live') === null)
          .map((element) => {
            const { left, right } = element.getBoundingClientRect();
            return { name: element.className, at: Math.round(isRTL ? document.documentElement.clientWidth - right : left) };
          });
      });
    const before = await distances();
    expect(before.length).toBeGreaterThan(60);
    await page.evaluate(() => document.documentElement.setAttribute('dir', 'rtl'));
    const after = await distances();
    expect(after.filter(({ at }, index) => Math.abs(at - (before[index]?.at ?? 0)) > 2)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    const directions = await page.locator('.sl-audio :is(input, .sl-audio-time)').evaluateAll((all) => all.map((one) => getComputedStyle(one).direction));
    expect(directions).toEqual(['ltr', 'ltr']);
  });

  test('is reordered by the arrow that points to where the item goes, also from right to left', async () => {
    const page = await open('OrderPage');
    const order = async (): Promise<(string | null)[]> =>
      await page.locator('.sl-cell img').evaluateAll((all) => all.map((image) => image.getAttribute('alt')));
    await page.evaluate(() => document.documentElement.setAttribute('dir', 'rtl'));
    await page.getByRole('button', { name: 'Reorder a.jpg' }).focus();
    await page.keyboard.press('Space');
    await page.keyboard.press('ArrowLeft');
    await expect.poll(order).toEqual(['b.jpg', 'a.jpg', 'c.jpg']);
    const at = async (name: string): Promise<number> => (await page.getByRole('img', { name }).boundingBox())?.x ?? NaN;
    expect(await at('a.jpg'), 'it went to the left').toBeLessThan(await at('b.jpg'));
    await page.keyboard.press('ArrowRight');
    await expect.poll(order).toEqual(['a.jpg', 'b.jpg', 'c.jpg']);
    await page.keyboard.press('End');
    await expect.poll(order).toEqual(['b.jpg', 'c.jpg', 'a.jpg']);
  });
});
