import { randomUUID } from 'node:crypto';

import type { Browser } from 'playwright-core';
import sharp from 'sharp';
import { beforeAll, expect, test } from 'vitest';

import { describeInBrowser } from '../../server/test/support/describe-in-browser.ts';
import type { Product } from '../../server/test/support/product.ts';
import { openProductInBrowser } from '../../server/test/support/product-in-browser.ts';
import { buildKit, openKit, show, type Kit } from './open-kit.ts';

describeInBrowser('the options of the kit for TanStack Query', () => {
  let product: Product;
  let browser: Browser;
  let kit: Kit;
  beforeAll(async () => {
    const [opened, built] = await Promise.all([openProductInBrowser(), buildKit()]);
    ({ product, browser } = opened);
    kit = built;
    return opened.close;
  });
  const api = async (path: string, init: RequestInit = {}): Promise<unknown> =>
    await (await fetch(`${product.url}/v1${path}`, { ...init, headers: { authorization: `Bearer ${product.token}` } })).json();
  const upload = async (artist: string, name: string): Promise<{ id: string }> => {
    const form = new FormData();
    for (const [field, value] of Object.entries({ collection: 'artist.images', entityType: 'artist', entityId: artist })) form.set(field, value);
    const bytes = await sharp({ create: { width: 64, height: 48, channels: 3, background: '#4a6fa5' } })
      .jpeg()
      .toBuffer();
    form.set('file', new Blob([new Uint8Array(bytes)], { type: 'image/jpeg' }), name);
    return ((await api('/media', { method: 'POST', body: form })) as { media: { id: string } }).media;
  };

  test('read a library page by page, a record, the media of an entity and a job, and a reading that nobody waits for is aborted', async () => {
    const artist = randomUUID();
    const [first] = [await upload(artist, 'one.jpg'), await upload(artist, 'two.jpg'), await upload(artist, 'three.jpg')];
    const asked = new Headers({ authorization: `Bearer ${product.token}`, 'content-type': 'application/json' });
    const body = JSON.stringify({ prompt: 'A lamp in a darkroom', collection: 'user.library' });
    const { jobId } = (await (await fetch(`${product.url}/v1/generate/image`, { method: 'POST', headers: asked, body })).json()) as { jobId: string };
    await expect.poll(async () => ((await api(`/jobs/${jobId}`)) as { job: { state: string } }).job.state, { timeout: 30_000 }).toBe('complete');
    const page = await openKit({ product, browser, kit });
    await show(page, 'QueryPage', { token: product.token, artist, mediaId: first?.id, jobId });
    const names = page.getByRole('listitem');
    await expect.poll(() => names.allTextContents(), { timeout: 30_000 }).toEqual(['three.jpg', 'two.jpg']);
    for (const text of ['Photo one.jpg', 'Shown: 3', 'Job complete']) await page.getByText(text).waitFor();
    const more = page.getByRole('button', { name: 'More' });
    await more.click();
    await expect.poll(() => names.allTextContents(), { timeout: 30_000 }).toEqual(['three.jpg', 'two.jpg', 'one.jpg']);
    expect(await more.isDisabled()).toBe(true);
    // The answer of another record never comes.
    await page.route('**/v1/media/never', () => undefined);
    const aborted = page.waitForEvent('requestfailed', (request) => request.url().endsWith('/media/never'));
    await Promise.all([page.waitForRequest('**/v1/media/never'), show(page, 'QueryPage', { token: product.token, artist, mediaId: 'never', jobId })]);
    await page.evaluate(() => (globalThis as unknown as { hide: () => void }).hide());
    expect((await aborted).failure()?.errorText).toBe('net::ERR_ABORTED');
  });
});
