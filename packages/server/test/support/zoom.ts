import type { BrowserContextOptions, Page } from 'playwright-core';

/** How people enlarge a page that is 1280 pixels wide: all of it, which leaves fewer CSS pixels, or the text alone, by the browser's font size. */
export const zooms: { name: string; context: BrowserContextOptions; text: number }[] = [
  { name: '200 %', context: { viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 }, text: 1 },
  { name: '400 %', context: { viewport: { width: 320, height: 256 }, deviceScaleFactor: 4 }, text: 1 },
  { name: '200 % of the text alone', context: { viewport: { width: 1280, height: 800 } }, text: 2 },
];

/** Sets the font size of the browser's settings, as a factor of its own 16 pixels. */
export async function enlargeText(page: Page, factor: number): Promise<void> {
  if (factor === 1) return;
  const before = await page.evaluate(() => Number.parseFloat(getComputedStyle(document.documentElement).fontSize));
  const session = await page.context().newCDPSession(page);
  await session.send('Page.setFontSizes', { fontSizes: { standard: 16 * factor, fixed: 13 * factor } });
  await page.waitForFunction((size) => Number.parseFloat(getComputedStyle(document.documentElement).fontSize) === size, before * factor);
}

/** The elements whose text does not fit in and is cut off, except those that show so by an ellipsis, and what is hidden or scrolls. */
export const cutTexts = async (page: Page): Promise<string[]> =>
  await page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('body *')]
      .filter((element) => [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim() !== ''))
      .flatMap((element) => {
        for (let around: HTMLElement | null = element; around !== null && around !== document.body; around = around.parentElement) {
          const style = getComputedStyle(around);
          if (style.clipPath !== 'none' || style.visibility === 'hidden' || style.textOverflow === 'ellipsis') return [];
          if (around.clientWidth === 0 || (style.overflowX === 'visible' && style.overflowY === 'visible')) continue;
          const [wide, high] = [around.scrollWidth - around.clientWidth, around.scrollHeight - around.clientHeight];
          const isCut = (wide > 1 && /hidden|clip/.test(style.overflowX)) || (high > 1 && /hidden|clip/.test(style.overflowY));
          if (isCut) return [`${around.tagName.toLowerCase()}.${around.className}: ${element.textContent?.trim().slice(0, 60)}`];
        }
        return [];
      }),
  );
