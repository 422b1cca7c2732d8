import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { expect, test } from 'vitest';

import { describeInBrowser } from '../../server/test/support/describe-in-browser.ts';
import { show } from './open-kit.ts';
import { kitWithoutServer } from './kit-without-server.ts';

/** A picture whose left third is red, and the rest blue. */
const twoColours = async (width: number, height: number): Promise<Buffer> =>
  await sharp({ create: { width, height, channels: 3, background: '#0000ff' } })
    .composite([{ input: { create: { width: Math.floor(width / 3), height, channels: 3, background: '#ff0000' } }, left: 0, top: 0 }])
    .png()
    .toBuffer();

/** A JPEG of a few kilobytes whose header promises many pixels; a browser makes room for all of them. */
async function bombOf(width: number, height: number): Promise<Buffer> {
  const bytes = await sharp({ create: { width: 64, height: 64, channels: 3, background: '#0000ff' } })
    .jpeg()
    .toBuffer();
  const frame = bytes.indexOf(Buffer.from([0xff, 0xc0]));
  bytes.writeUInt16BE(height, frame + 5);
  bytes.writeUInt16BE(width, frame + 7);
  return bytes;
}

describeInBrowser('the preview of a chosen file', () => {
  const { openEmpty } = kitWithoutServer();
  const open = async (): Promise<Page> => {
    const page = await openEmpty();
    await show(page, 'PreviewPage', {});
    return page;
  };
  const choose = async (page: Page, name: string, buffer: Buffer): Promise<void> => await page.getByLabel('File').setInputFiles({ name, mimeType: '', buffer });
  /** The colours of the canvas along its middle, from left to right. */
  const colours = async (page: Page): Promise<string[]> =>
    await page.locator('canvas').evaluate((canvas: HTMLCanvasElement) => {
      const { width, height } = canvas;
      const row = canvas.getContext('2d')?.getImageData(0, height / 2, width, 1).data ?? [];
      return [0.1, 0.5, 0.9].map((part) => {
        const [red = 0, , blue = 0] = row.slice(Math.floor(width * part) * 4);
        return red > blue ? 'red' : blue > red ? 'blue' : 'none';
      });
    });

  test('shows the middle of a picture, whatever its name and type say', async () => {
    const page = await open();
    await choose(page, 'notes.txt', await twoColours(90, 90));
    await page.locator('[data-state="shown"]').waitFor();
    expect(await colours(page)).toEqual(['red', 'blue', 'blue']);
    expect(await page.getByText('notes.txt').count()).toBe(0);
  });

  test('cuts off what is outside of the square', async () => {
    const page = await open();
    await choose(page, 'wide.png', await twoColours(900, 90));
    await page.locator('[data-state="shown"]').waitFor();
    expect(await colours(page)).toEqual(['blue', 'blue', 'blue']);
  });

  test('shows its children for a file that is no picture, also after a picture', async () => {
    const page = await open();
    await choose(page, 'picture.png', await twoColours(90, 90));
    await page.locator('[data-state="shown"]').waitFor();
    await choose(page, 'notes.txt', Buffer.from('a few words, which no browser can draw'));
    await page.getByText('notes.txt').waitFor();
    expect(await page.locator('canvas').isVisible()).toBe(false);
  });

  test('shows its children for a broken picture, and the next file is decoded all the same', async () => {
    const page = await open();
    const whole = await twoColours(90, 90);
    await choose(page, 'broken.png', Buffer.concat([whole.subarray(0, 33), Buffer.alloc(100)]));
    await page.getByText('broken.png').waitFor();
    await choose(page, 'whole.png', whole);
    await page.locator('[data-state="shown"]').waitFor();
  });

  test.each([
    { list: 'an upload', field: 'input[type="file"][hidden]', row: '.sl-file' },
    { list: 'a gallery', field: 'input[aria-label="Drafts"]', row: '.sl-cell' },
  ])('in $list, a small file that would decode to 200 megapixels has a placeholder, and no picture that would freeze the page', async ({ field, row }) => {
    const page = await openEmpty();
    await show(page, 'ChosenPage', {});
    await page.locator(field).setInputFiles([
      { name: 'bomb.jpg', mimeType: 'image/jpeg', buffer: await bombOf(20_000, 10_000) },
      { name: 'small.png', mimeType: 'image/png', buffer: await twoColours(90, 90) },
    ]);
    await expect
      .poll(() =>
        page
          .locator(row)
          .nth(1)
          .locator('img')
          .evaluate((image: HTMLImageElement) => image.naturalWidth),
      )
      .toBe(90);
    expect(await page.locator(row).nth(0).locator('img[src]').count()).toBe(0);
  });
});
