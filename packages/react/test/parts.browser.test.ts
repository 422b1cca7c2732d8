import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';

import { expectNoAxeViolations } from '../../server/test/support/browser.ts';
import { describeInBrowser } from '../../server/test/support/describe-in-browser.ts';
import { kitWithoutServer } from './kit-without-server.ts';
import { recordOf } from './pages/record-of.ts';

describeInBrowser('every part of the kit', () => {
  const { open } = kitWithoutServer();
  /** Of each part, what its outermost element shows. */
  const partsOf = async (page: Page): Promise<{ name: string; state: string | null; ref: string | null; isRendered: boolean }[]> =>
    await page.evaluate(() =>
      [...document.querySelectorAll('[data-part]')].map((place) => {
        const element = place.querySelector('.mine');
        const isRendered = element?.hasAttribute('data-rendered') ?? false;
        return {
          name: place.getAttribute('data-part') ?? '',
          state: element?.getAttribute('data-state') ?? null,
          ref: place.getAttribute('data-ref'),
          isRendered,
        };
      }),
    );

  test('takes a class, passes its element to a ref, shows its state in data-state, and can be replaced by another element', async () => {
    for (const rendered of [false, true]) {
      const page = await open('PartsPage', { rendered });
      await page.locator('[data-part="MediaUploader.List"] .mine').waitFor();
      const parts = await partsOf(page);
      expect(parts.length).toBeGreaterThan(18);
      for (const { name, state, ref, isRendered } of parts) {
        expect(state, `${name} carries no data-state`).not.toBeNull();
        expect(ref, `${name} gives nothing to its ref`).not.toBeNull();
        expect(isRendered, `${name} takes render: ${rendered}`).toBe(rendered);
      }
    }
  });

  test('has no class of its own if it is unstyled', async () => {
    const page = await open('PartsPage', { unstyled: true });
    await page.locator('[data-part="MediaUploader.List"] .mine').waitFor();
    expect(await page.evaluate(() => [...document.querySelectorAll('#root [class*="sl-"]')].map((element) => element.className))).toEqual([]);
  });

  test('has no text that is not one of its labels', async () => {
    const page = await open('PartsPage', { marked: true });
    await page.locator('[data-part="MediaUploader.List"] .mine').waitFor();
    await page.getByText('⟦empty⟧').first().waitFor();
    const said = await page.evaluate(() => {
      const texts: string[] = [];
      const walker = document.createTreeWalker(document.querySelector('#root') as Element, NodeFilter.SHOW_TEXT);
      while (walker.nextNode()) texts.push(walker.currentNode.textContent ?? '');
      for (const element of document.querySelectorAll('#root *'))
        for (const name of ['aria-label', 'aria-valuetext', 'aria-description', 'title', 'placeholder', 'alt']) texts.push(element.getAttribute(name) ?? '');
      return texts;
    });
    // The rest comes from the application's data: names of files and records, and how a picture was generated.
    const ours = said.map((text) => text.replaceAll(/⟦\w+⟧|\b[ab]\.(?:jpg|txt)\b|\btxt\b|trainedAlgorithmicMedia/g, ''));
    expect(ours.filter((text) => /\p{L}/u.test(text))).toEqual([]);
    expect(said.filter((text) => text.includes('⟦')).length).toBeGreaterThan(30);
  });

  test('a picture that opens is named by what it shows, with the mark of what was generated, also if it has no picture or an empty description', async () => {
    const media = [recordOf('a'), { ...recordOf('b'), altText: '' }, { ...recordOf('c'), src: null, thumbnailSrc: null }];
    const page = await open('OpeningPage', { media });
    await page.getByRole('button', { name: 'a.jpg AI', exact: true }).waitFor();
    await page.getByRole('button', { name: 'b.jpg AI', exact: true }).waitFor();
    await page.getByRole('button', { name: 'Remove b.jpg', exact: true }).waitFor();
    await expectNoAxeViolations(page);
  });

  test('a double click is one click, whatever the first puts under the pointer: Remove in place of Stop, or the next picture in place of the deleted one', async () => {
    const upload = await open('ForeignPage');
    await upload.locator('input[type=file]').setInputFiles({ name: 'endless.jpg', mimeType: 'image/jpeg', buffer: Buffer.from([0xff, 0xd8]) });
    await upload.getByRole('button', { name: 'Stop endless.jpg' }).dblclick();
    await upload.locator('.sl-state').getByText('Stopped').waitFor();
    await upload.getByRole('button', { name: 'Remove endless.jpg' }).click();
    await upload.locator('.sl-file').waitFor({ state: 'detached' });

    const library = await open('ManyPage', { count: 5 });
    await library.getByRole('button', { name: 'Remove photo 1' }).dblclick();
    await library.getByText('photo 1', { exact: true }).waitFor({ state: 'detached' });
    expect(await library.locator('.sl-cell').allInnerTexts()).toEqual(['photo 0', 'photo 2', 'photo 3', 'photo 4']);
    // The keyboard, which knows no double click, deletes as fast as its keys are pressed.
    await library.getByRole('button', { name: 'Remove photo 2' }).press('Enter');
    await library.getByRole('button', { name: 'Remove photo 3' }).and(library.locator(':focus')).waitFor();
    await library.keyboard.press('Enter');
    await expect.poll(() => library.locator('.sl-cell').allInnerTexts()).toEqual(['photo 0', 'photo 4']);
  });

  test('the pictures of videos and sounds show what they are of, and how long it is, also to a screen reader', async () => {
    const plain = { ...recordOf('a'), digitalSource: null };
    const media = [
      plain,
      { ...plain, id: 'b', originalFileName: 'b.mp4', kind: 'video', durationMs: 14_000 },
      { ...plain, id: 'c', originalFileName: 'c.mp3', kind: 'audio', durationMs: 3_723_000, src: null, thumbnailSrc: null },
      { ...plain, id: 'd', originalFileName: 'd.gif', durationMs: 2_000 },
    ];
    const page = await open('OpeningPage', { media });
    await page.getByRole('button', { name: 'a.jpg', exact: true }).waitFor();
    await page.getByRole('button', { name: 'b.mp4 Video 0:14', exact: true }).waitFor();
    await page.getByRole('button', { name: 'c.mp3 Sound 1:02:03', exact: true }).waitFor();
    await page.getByRole('button', { name: 'd.gif', exact: true }).waitFor();
    await expectNoAxeViolations(page);
  });

  test('a library of a hundred thousand renders only the visible items wherever it is scrolled, and keeps the place of the keyboard after a deletion', async () => {
    const page = await open('ManyPage', { count: 100_000 });
    await page.getByText('photo 0', { exact: true }).waitFor();
    const inDocument = async (): Promise<number> => await page.locator('#root li').count();
    await expect.poll(inDocument).toBeLessThan(400);
    await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
    await expect
      .poll(async () => {
        await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
        return await page.getByText('photo 99999', { exact: true }).count();
      })
      .toBe(1);
    expect(await inDocument()).toBeLessThan(400);
    const last = page.locator('#root li').last();
    expect([await last.getAttribute('aria-posinset'), await last.getAttribute('aria-setsize')]).toEqual(['100000', '100000']);
    await page.getByRole('button', { name: 'Remove photo 99998' }).focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('Remove photo 99999');
    await page.setViewportSize({ width: 390, height: 800 });
    await page.evaluate(() => scrollTo(0, 0));
    await page.getByText('photo 0', { exact: true }).waitFor();
    expect(await inDocument()).toBeLessThan(400);
    await expectNoAxeViolations(page);
  });
});
