import { randomUUID } from 'node:crypto';

import type { Browser, Page } from 'playwright-core';
import { beforeAll, beforeEach, expect, test } from 'vitest';

import { expectNoAxeViolations } from '../../../packages/server/test/support/browser.ts';
import { describeInBrowser } from '../../../packages/server/test/support/describe-in-browser.ts';
import type { Product } from '../../../packages/server/test/support/product.ts';
import { beginAnewWhenTriedAgain, openProductInBrowser } from '../../../packages/server/test/support/product-in-browser.ts';
import { openConsole, type OpenConsole } from './open-console.ts';
import { renderPhoto, samplePhotos } from './sample-photos.ts';
import { signToken } from './sign-token.ts';

describeInBrowser('the library of the console', () => {
  const secret = 'a secret of this test, long enough for HS256';
  let product: Product;
  let browser: Browser;
  let photo: Buffer;
  beforeAll(async () => {
    const draw = renderPhoto({ ...samplePhotos[0], width: 320, height: 240 });
    const [opened, drawn] = await Promise.all([openProductInBrowser({ env: { SAFELIGHT_JWT_SECRET: secret } }), draw]);
    ({ product, browser } = opened);
    photo = drawn;
    return opened.close;
  });
  beforeEach(beginAnewWhenTriedAgain(() => product));

  const open = async (options: Omit<OpenConsole, 'product' | 'browser'> = {}): Promise<Page> =>
    await openConsole({ product, browser, at: '#/library', ...options });
  const upload = async (
    name: string,
    fields: Record<string, string> = { collection: 'artist.images', entityType: 'artist', entityId: randomUUID() },
  ): Promise<{ id: string }> => {
    const form = new FormData();
    for (const [field, value] of Object.entries(fields)) form.set(field, value);
    form.set('file', new Blob([new Uint8Array(photo)], { type: 'image/jpeg' }), name);
    const answer = await fetch(`${product.url}/v1/media`, { method: 'POST', headers: { authorization: `Bearer ${product.token}` }, body: form });
    return ((await answer.json()) as { media: { id: string } }).media;
  };
  const uploadAll = async (...names: string[]): Promise<{ id: string }[]> => {
    const all: { id: string }[] = [];
    for (const name of names) all.push(await upload(name));
    return all;
  };
  const tile = (page: Page, name: string) => page.locator('.tile').filter({ hasText: name });

  test('is searched while typing, shows new matches meanwhile, and keeps the search in the URL', async () => {
    await uploadAll('Barn_dusk12.jpg', 'meadow.jpg');
    const page = await open();
    await tile(page, 'meadow.jpg').waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('barn 12');
    await tile(page, 'meadow.jpg').waitFor({ state: 'detached' });
    await tile(page, 'Barn_dusk12.jpg').waitFor();
    expect(await page.evaluate(() => location.hash)).toBe('#/library?q=barn+12');
    await page.getByText('Live', { exact: true }).waitFor();
    await uploadAll('other.jpg', 'new-barn-12.jpg');
    await tile(page, 'new-barn-12.jpg').waitFor();
    expect(await tile(page, 'other.jpg').count()).toBe(0);
    await page.getByRole('searchbox').fill('nothing like it');
    await page.getByText('Nothing matches').waitFor();
    await expectNoAxeViolations(page);
  });

  test('changes between reading the list and the first event are shown too', async () => {
    const [gone] = await uploadAll('gone-unheard.jpg');
    const page = await open();
    await tile(page, 'gone-unheard.jpg').waitFor();
    const begin = Promise.withResolvers<void>();
    await page.route('**/v1/events*', async (route) => {
      await begin.promise;
      await route.continue();
    });
    await page.reload();
    await tile(page, 'gone-unheard.jpg').waitFor();
    await fetch(`${product.url}/v1/media/${gone?.id}`, { method: 'DELETE', headers: { authorization: `Bearer ${product.token}` } });
    await upload('come-unheard.jpg');
    begin.resolve();
    await tile(page, 'come-unheard.jpg').waitFor();
    expect(await tile(page, 'gone-unheard.jpg').count()).toBe(0);
  });

  test('a pasted id leads to its record, in the search field or anywhere', async () => {
    const { id } = await upload('jump.jpg');
    const page = await open();
    await tile(page, 'jump.jpg').waitFor();
    await page.getByRole('searchbox').fill(` ${id.toUpperCase()} `);
    await page.getByRole('heading', { name: 'jump.jpg' }).waitFor();
    await page.keyboard.press('Escape');
    await tile(page, 'jump.jpg').waitFor();
    await page.evaluate((text) => {
      const carried = new DataTransfer();
      carried.setData('text/plain', text);
      document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData: carried, bubbles: true, cancelable: true }));
    }, id);
    await page.getByRole('heading', { name: 'jump.jpg' }).waitFor();
  });

  test('many are deleted at once and restored, with one message; each failure is reported', async () => {
    const names = Array.from({ length: 6 }, (_, index) => `many-${index}.jpg`);
    const [first] = await uploadAll(...names);
    const page = await open({ at: '#/library?q=many' });
    await tile(page, 'many-0.jpg').waitFor();
    await page.getByLabel('Select many-5.jpg').check();
    await page.getByLabel('Select many-0.jpg').click({ modifiers: ['Shift'] });
    await page.getByText('6 selected').waitFor();
    await expectNoAxeViolations(page);
    // Deleted before this page has received the event.
    await page.route(`**/v1/media/${first?.id}`, async (route) =>
      route.fulfill({
        status: 409,
        contentType: 'application/problem+json',
        body: JSON.stringify({ code: 'conflict', title: 'Conflict', detail: 'It is sold.' }),
      }),
    );
    const bar = page.getByRole('region', { name: 'Selected media' });
    await bar.getByRole('button', { name: 'Delete' }).click();
    await bar.getByText('1 could not be deleted').waitFor();
    await bar.getByText('many-0.jpg: It is sold.').waitFor();
    await page.getByText('5 deleted.').waitFor();
    expect(await page.locator('.tile').count()).toBe(1);
    await page.getByLabel('Status').selectOption('deleted');
    await tile(page, 'many-3.jpg').getByText('Deleted').waitFor();
    await page.getByRole('button', { name: /Undo/ }).click();
    await page.getByText('5 restored.').waitFor();
    await page.getByLabel('Status').selectOption('');
    await expect.poll(() => page.locator('.tile').count()).toBe(6);
  });

  test('a message stays for as long as somebody points at it', async () => {
    await upload('kept.jpg');
    const page = await open();
    await tile(page, 'kept.jpg').waitFor();
    await page.clock.install();
    await page.getByRole('button', { name: 'Delete kept.jpg' }).click();
    await page.getByRole('button', { name: 'Undo' }).click();
    const message = page.locator('.toast').filter({ hasText: 'kept.jpg is back.' });
    await message.hover();
    await page.clock.fastForward(20_000);
    expect(await message.isVisible()).toBe(true);
    await page.mouse.move(0, 0);
    await page.clock.fastForward(1_000);
    await message.waitFor({ state: 'detached' });
  });

  test('many are reprocessed, and a list shows their owners and entities', async () => {
    for (const name of ['anew-1.jpg', 'anew-2.jpg']) await upload(name, { collection: 'user.library' });
    const page = await open({ at: '#/library?q=anew&status=ready' });
    await page.getByRole('button', { name: 'List' }).click();
    const row = tile(page, 'anew-1.jpg');
    await row.getByText('user.library · developer').waitFor();
    await row.getByRole('checkbox').check();
    await tile(page, 'anew-2.jpg').getByRole('checkbox').check();
    await page.getByRole('button', { name: 'Reprocess' }).click();
    await page.getByText('2 being made anew.').waitFor();
    await expectNoAxeViolations(page);
    await page.reload();
    await page.getByRole('button', { name: 'List', pressed: true }).waitFor();
  });

  test('a record is copied in the formats of other programs', async () => {
    const { id } = await upload('copied.jpg');
    const page = await open({ at: `#/library/${id}` });
    const copied = async (name: string): Promise<string> => {
      await page.getByText('Copy as', { exact: true }).click();
      await page.getByRole('button', { name, exact: true }).click();
      await page.getByText(`Copied as ${name}`).waitFor();
      const text = await page.evaluate(() => navigator.clipboard.readText());
      await page.getByText('Copy as', { exact: true }).waitFor();
      return text;
    };
    expect((await fetch(await copied('URL'))).status).toBe(200);
    expect(await copied('<img srcset>')).toMatch(/^<img src="http.*srcset="http.* width="320" height="240"/);
    expect(await copied('curl')).toContain(`/v1/media/${id}'`);
    expect(await copied('TypeScript')).toContain(`media.read('${id}')`);
  });

  test('an alt text is saved by the keyboard, which keeps its place', async () => {
    const { id } = await upload('described.jpg');
    const page = await open({ at: `#/library/${id}` });
    const field = page.getByLabel('Alt text');
    const save = page.getByRole('button', { name: 'Save the alt text' });
    await field.fill('A lamp');
    await save.press('Enter');
    await page.locator('.record').getByText('A lamp', { exact: true }).waitFor();
    await expect.poll(() => save.getAttribute('aria-disabled')).toBe('true');
    expect(await save.evaluate((button) => button === document.activeElement)).toBe(true);
    expect(await field.inputValue()).toBe('A lamp');
  });

  test('a reader without further rights is offered no action that would be refused', async () => {
    await upload('seen.jpg');
    const page = await open({ token: signToken(secret, 'developer', 'media:read') });
    await tile(page, 'seen.jpg').waitFor();
    expect(await tile(page, 'seen.jpg').getByRole('button').count()).toBe(0);
    expect(await page.getByRole('checkbox').count()).toBe(0);
    await tile(page, 'seen.jpg').getByRole('link').click();
    await page.getByRole('heading', { name: 'seen.jpg' }).waitFor();
    expect(await page.getByRole('button', { name: /Delete|Replace|Save/ }).count()).toBe(0);
    await expectNoAxeViolations(page);
    // A link may be older than what it led to.
    await page.evaluate(() => location.assign('#/library/0199c0de-0000-7000-8000-000000000000'));
    await page.getByRole('heading', { name: 'There is no such record' }).waitFor();
    expect(await page.getByRole('button', { name: 'Try again' }).count()).toBe(0);
    await expectNoAxeViolations(page);
    // A file that is let go of stays where it was: the browser does not leave the page to show it.
    const file = await page.evaluateHandle(() => {
      const transfer = new DataTransfer();
      transfer.items.add(new File(['x'], 'x.jpg', { type: 'image/jpeg' }));
      return transfer;
    });
    await page.dispatchEvent('main', 'dragenter', { dataTransfer: file });
    await page.getByText('You may not upload here').waitFor();
    await page.dispatchEvent('main', 'drop', { dataTransfer: file });
    await page.getByText('You may not upload here').waitFor({ state: 'detached' });
    expect(page.url()).toContain('#/library/');
  });

  test('of a hundred thousand, few are in the document at any position, and returning leads to the same position', async () => {
    const page = await open({ at: '#/library?q=none-yet' });
    const { id } = await upload('template.jpg');
    const answer = await fetch(`${product.url}/v1/media/${id}`, { headers: { authorization: `Bearer ${product.token}` } });
    const { media } = (await answer.json()) as { media: object };
    const total = 100_000;
    // Answered in the page itself, because a remote-controlled browser cannot pass so many bytes on.
    await page.evaluate(
      ({ template, all }) => {
        const before = globalThis.fetch;
        const numbered = (at: number): object => ({
          ...template,
          id: `0199c0de-0000-7000-8000-${String(all - at).padStart(12, '0')}`,
          originalFileName: `n${at}.jpg`,
        });
        globalThis.fetch = async (input, init) => {
          const url = new URL(input instanceof Request ? input.url : input, location.href);
          const [, one] = /\/media\/0199c0de-0000-7000-8000-(\d+)$/.exec(url.pathname) ?? [];
          if (one !== undefined) return Response.json({ media: numbered(all - Number(one)) });
          if (!url.pathname.endsWith('/media')) return await before(input, init);
          const from = Number(url.searchParams.get('cursor') ?? 0);
          const media = Array.from({ length: from === 0 ? 200 : all - 200 }, (_, at) => numbered(from + at));
          return Response.json({ media, nextCursor: from === 0 ? '200' : null });
        };
      },
      { template: { ...media, variants: {}, srcSet: null, blurDataURL: null, src: null, thumbnailSrc: null, processing: null }, all: total },
    );
    await page.evaluate(() => location.assign('#/library'));
    await tile(page, 'n0.jpg').first().waitFor();
    await page.keyboard.press('End');
    await page.waitForFunction(() => document.documentElement.scrollHeight > 1_000_000, undefined, { timeout: 60_000 });
    await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
    await tile(page, 'n99999.jpg').waitFor();
    expect(await page.locator('.tile').count()).toBeLessThan(80);
    await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight / 2));
    // The items at the end stay until those in the middle are rendered.
    const middle = page.locator('.tile').nth(20).locator('.tile-name');
    const numberOf = async (): Promise<number> => Number(/^n(\d+)/.exec((await middle.textContent()) ?? '')?.[1]);
    await expect.poll(numberOf).toBeLessThan(75_000);
    const name = `n${await numberOf()}.jpg`;
    await tile(page, name).getByRole('link').click();
    await page.getByRole('link', { name: 'Back to the library' }).click();
    await tile(page, name).waitFor();
    await expect.poll(async () => await page.evaluate(() => document.activeElement?.closest('.tile')?.textContent)).toContain(name);
    expect(await page.locator('.tile').count()).toBeLessThan(80);
  });
});
