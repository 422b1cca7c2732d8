import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { openBrowser } from '../../server/test/support/browser.ts';
import { describeInBrowser } from '../../server/test/support/describe-in-browser.ts';
import { buildKit, openKit, type Kit, type OpenKit } from './open-kit.ts';
import { recordOf } from './pages/record-of.ts';
import { renderKit, type RenderedKit } from './render-kit.ts';

const product = { url: 'http://kit.test' };

describeInBrowser('the HTML of a server, in which no script has run', () => {
  let browser: Browser;
  let built: Kit;
  let rendered: RenderedKit;
  let picture: Buffer;
  beforeAll(async () => {
    const draw = sharp({ create: { width: 160, height: 120, channels: 3, background: '#4a6fa5' } })
      .png()
      .toBuffer();
    [browser, built, rendered, picture] = await Promise.all([openBrowser(), buildKit(), renderKit(), draw]);
  });
  afterAll(async () => {
    await browser?.close();
  });
  const src = '/kit-test-pictures/a.png';
  const record = { ...recordOf('a'), src, thumbnailSrc: src, dominantColour: null };

  const open = async (media: typeof record, expected?: OpenKit['expected']): Promise<Page> => {
    const { kit, h, render } = rendered;
    const html = render(
      h(
        'main',
        null,
        h(kit.MediaUploader, { camera: true, unstyled: true }),
        h(kit.MediaImage, { media, priority: true }),
        h(kit.MediaLibrary, { items: [media], onDelete: () => undefined }),
        h(kit.MediaGallery, { items: [media], onMove: () => undefined }),
        h(kit.MediaAudio, { media: { ...media, kind: 'audio', durationMs: 1000 } }),
      ),
    );
    const kitOfServer = { ...built, html };
    const policy = { csp: "default-src 'self'", ...(expected ? { expected } : {}) };
    const page = await openKit({ product, browser, kit: kitOfServer, rendered: true, picture: { path: src, bytes: picture }, ...policy });
    await page.waitForFunction(() => [...document.images].every((image) => image.complete));
    return page;
  };
  const shown = async (page: Page): Promise<{ width: number; opacity: string }[]> =>
    await page
      .locator('.sl-image img')
      .evaluateAll((all) => all.map((one) => ({ width: (one as HTMLImageElement).naturalWidth, opacity: getComputedStyle(one).opacity })));

  test('shows its pictures under the strictest policy, which it does not break', async () => {
    const page = await open(record);
    expect(await shown(page)).toEqual([1, 2, 3].map(() => ({ width: 160, opacity: '1' })));
  });

  test('with placeholders, which are inline styles, the policy only keeps those away', async () => {
    const page = await open({ ...record, dominantColour: '#4a6fa5' as never }, /inline style/);
    expect(await shown(page)).toEqual([1, 2, 3].map(() => ({ width: 160, opacity: '1' })));
  });
});
