import { randomUUID } from 'node:crypto';

import type { Browser, Page } from 'playwright-core';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { expectNoAxeViolations } from '../../../packages/server/test/support/browser.ts';
import { describeInBrowser } from '../../../packages/server/test/support/describe-in-browser.ts';
import type { Product } from '../../../packages/server/test/support/product.ts';
import { beginAnewWhenTriedAgain, openProductInBrowser } from '../../../packages/server/test/support/product-in-browser.ts';
import { cardOf, chooseDestination, dropFiles, openConsole, wordsOf, type OpenConsole } from './open-console.ts';
import { heavyPhoto, renderPhoto, samplePhotos } from './sample-photos.ts';

/** The first page after signing in, by the person's rights. */
const firstPage = /^(?:Overview|Upload|Library)$/;

describeInBrowser('the console', () => {
  let product: Product;
  let browser: Browser;
  let photo: Buffer;
  beforeAll(async () => {
    const [opened, drawn] = await Promise.all([openProductInBrowser(), renderPhoto(samplePhotos[0])]);
    ({ product, browser } = opened);
    photo = drawn;
    return opened.close;
  });
  beforeEach(beginAnewWhenTriedAgain(() => product));

  const open = async (options: Omit<OpenConsole, 'product' | 'browser'> = {}): Promise<Page> => await openConsole({ product, browser, ...options });
  const photoNamed = (name: string) => ({ name, type: 'image/jpeg', bytes: photo });
  /** Adds a ready photo to the library, by the API. */
  const upload = async (name: string, bytes = photo): Promise<{ id: string }> => {
    const form = new FormData();
    form.set('collection', 'artist.images');
    form.set('entityType', 'artist');
    form.set('entityId', randomUUID());
    form.set('file', new Blob([new Uint8Array(bytes)], { type: 'image/jpeg' }), name);
    const answer = await fetch(`${product.url}/v1/media`, { method: 'POST', headers: { authorization: `Bearer ${product.token}` }, body: form });
    return ((await answer.json()) as { media: { id: string } }).media;
  };

  describe('a photo, from the upload to the deletion and back', () => {
    test('shows real progress, then its variants, its record and its events', async () => {
      const page = await open();
      await chooseDestination(page, 'listing.photos', randomUUID());
      const network = await page.context().newCDPSession(page);
      await network.send('Network.emulateNetworkConditions', { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 400_000 });
      await dropFiles(page, [photoNamed('dusk.jpg')]);

      const seen = await page.evaluate(async () => {
        const values: number[] = [];
        const states: string[] = [];
        while (states.at(-1) !== 'done' && states.at(-1) !== 'failed') {
          const one = document.querySelector('.upload-card');
          const state = one?.getAttribute('data-state') ?? '';
          const bar = one?.querySelector('progress');
          if (states.at(-1) !== state) states.push(state);
          if (state === 'uploading' && bar && bar.position >= 0 && values.at(-1) !== bar.position) values.push(bar.position);
          await new Promise(requestAnimationFrame);
        }
        return { values, states };
      });
      expect(seen.states.slice(-3)).toEqual(['uploading', 'processing', 'done']);
      expect(seen.values).toEqual(seen.values.toSorted((a, b) => a - b));
      expect(seen.values.filter((value) => value > 0 && value < 1).length, `true progress, not two ends: ${seen.values.join(', ')}`).toBeGreaterThan(2);

      await wordsOf(page, 'dusk.jpg', /Published · 5 variants/).waitFor();
      const result = page.getByRole('region', { name: 'What became of it' });
      await result.getByRole('heading', { name: 'dusk.jpg' }).waitFor();
      for (const role of ['thumbnail', 'card', 'preview', 'detail', 'detail_large']) await result.locator('.frame').getByText(role, { exact: true }).waitFor();
      await expect.poll(() => result.locator('.frame img').evaluateAll((all) => all.every((image) => (image as HTMLImageElement).naturalWidth > 0))).toBe(true);
      expect(await result.locator('.frame').filter({ hasText: 'detail_large' }).textContent()).toContain('2048 × 1365');
      await result.locator('.record').getByText('2400 × 1600 pixels').waitFor();
      await result.getByText('processing_complete').waitFor();
      await result.getByRole('button', { name: 'Copy JSON' }).click();
      expect(JSON.parse(await page.evaluate(() => navigator.clipboard.readText()))).toMatchObject({ originalFileName: 'dusk.jpg', status: 'ready' });
    });

    test('continues by itself after seconds without a network, and says what it waits for', async () => {
      const page = await open();
      await chooseDestination(page, 'listing.photos', randomUUID());
      await page.context().setOffline(true);
      await dropFiles(page, [photoNamed('tunnel.jpg')]);
      await wordsOf(page, 'tunnel.jpg', /Waiting for the network · goes on by itself/).waitFor();
      await page.getByText('Waiting, and going on by itself: leave this tab open.', { exact: false }).waitFor();
      // As many failures as used to end it.
      await expect.poll(async () => await page.evaluate(() => performance.getEntriesByType('resource').length), { timeout: 20_000 }).toBeGreaterThan(8);
      await expectNoAxeViolations(page);
      await page.context().setOffline(false);
      await wordsOf(page, 'tunnel.jpg', /Published · 5 variants/).waitFor();
      await page.getByText('The file has arrived. You may close this tab.').waitFor();
    });

    test('is sent at once even if its preview would take a browser half a minute', async () => {
      const page = await open();
      await chooseDestination(page, 'user.library');
      await dropFiles(page, [{ name: 'heavy.jpg', type: 'image/jpeg', bytes: await heavyPhoto() }, photoNamed('light.jpg')]);
      await wordsOf(page, 'light.jpg', /Ready · |Published · /).waitFor();
      await cardOf(page, 'light.jpg').locator('canvas').waitFor();
      await wordsOf(page, 'heavy.jpg', /Failed|Ready/).waitFor();
      expect(await cardOf(page, 'heavy.jpg').locator('canvas').isVisible()).toBe(false);
    });

    test('is found in the library, deleted, and restored', async () => {
      const { id } = await upload('valley.jpg');
      const page = await open({ at: '#/library?collection=artist.images' });
      const tile = page.locator('.tile').filter({ hasText: 'valley.jpg' });
      await tile.getByRole('button', { name: 'Delete valley.jpg' }).click();
      await tile.waitFor({ state: 'detached' });
      const gone = await fetch(`${product.url}/v1/media/${id}`, { headers: { authorization: `Bearer ${product.token}` } });
      expect(gone.status).toBe(410);
      await page.getByRole('button', { name: /Undo/ }).click();
      await tile.waitFor();
      await page.getByText('valley.jpg is back.').waitFor();
    });

    test('appears in an open library by itself', async () => {
      const page = await open({ at: '#/library' });
      await page.getByText('Live', { exact: true }).waitFor();
      await upload('by-itself.jpg');
      await page.locator('.tile').filter({ hasText: 'by-itself.jpg' }).waitFor();
    });
  });

  describe('with the keyboard alone', () => {
    test('signs in, uploads, opens, deletes and restores', async () => {
      // Of its own: a test that is tried again finds what it left before.
      const name = `keys-${randomUUID().slice(0, 8)}.jpg`;
      const tile = new RegExp(`^${name}`);
      const page = await open({ signedIn: false });
      await page.keyboard.press('Tab');
      await page.keyboard.press('Tab');
      await page.keyboard.type(product.token);
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'Overview' }).waitFor();
      await tabTo(page, 'Upload');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'Upload' }).waitFor();

      await tabTo(page, 'Collection');
      await page.keyboard.type('user.library');
      const choosing = page.waitForEvent('filechooser');
      await tabTo(page, 'Choose files');
      await page.keyboard.press('Enter');
      await (await choosing).setFiles({ name, mimeType: 'image/jpeg', buffer: photo });
      await wordsOf(page, name, /Ready · |Published · /).waitFor();

      await tabTo(page, 'Library', 'Shift+Tab');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'Library' }).waitFor();
      await page.locator('.tile').filter({ hasText: name }).waitFor();
      await tabTo(page, tile);
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name, level: 2 }).waitFor();
      await page.keyboard.press('Escape');
      await expect.poll(() => focusedName(page), { message: 'comes back to where it was' }).toMatch(tile);

      await tabTo(page, `Delete ${name}`);
      await page.keyboard.press('Enter');
      await page.locator('.tile').filter({ hasText: name }).waitFor({ state: 'detached' });
      // The tile may go by the event, before the answer says until when it can be undone.
      await page.getByText(`${name} was deleted.`).waitFor();
      await page.keyboard.press('Control+z');
      await page.locator('.tile').filter({ hasText: name }).waitFor();
    });

    test('skips the navigation', async () => {
      const page = await open({ at: '' });
      await page.getByRole('heading', { name: firstPage }).waitFor();
      await page.locator('main a').first().waitFor();
      await page.keyboard.press('Tab');
      expect(await focusedName(page)).toBe('Skip to the content');
      await page.keyboard.press('Enter');
      expect(await page.evaluate(() => document.activeElement?.id)).toBe('content');
      await page.keyboard.press('Tab');
      expect(await page.evaluate(() => document.activeElement?.closest('main') !== null), 'goes on within the content').toBe(true);
      expect(new URL(page.url()).hash, 'the page is the same').toBe('#/overview');
    });
  });

  test('shows on a phone where one is, in a row of pages that is wider than the screen', async () => {
    const page = await open({ narrow: true, at: '#/policies' });
    const current = page.locator('nav[aria-label="Console"] a[aria-current]');
    await current.filter({ hasText: 'Policies' }).waitFor();
    await expect
      .poll(async () => await current.evaluate((link) => link.getBoundingClientRect().right <= innerWidth && link.getBoundingClientRect().left >= 0))
      .toBe(true);
    await page.evaluate(() => location.assign('#/overview'));
    await current.filter({ hasText: 'Overview' }).waitFor();
    await expect.poll(async () => await current.evaluate((link) => link.getBoundingClientRect().left >= 0)).toBe(true);
  });

  describe('with obstacles', () => {
    test('a job shows the file that it is about, and jobs can be filtered by type', async () => {
      const form = new FormData();
      form.set('collection', 'user.library');
      form.set('file', new Blob([new Uint8Array(photo)], { type: 'image/jpeg' }), 'job-of.jpg');
      await fetch(`${product.url}/v1/media`, { method: 'POST', headers: { authorization: `Bearer ${product.token}` }, body: form });
      const page = await open({ at: '#/jobs' });
      await page.getByRole('row').filter({ hasText: 'job-of.jpg' }).first().waitFor();
      await page.getByLabel('Type').selectOption('process');
      await page.getByRole('row').filter({ hasText: 'job-of.jpg' }).getByText('process').waitFor();
      expect(await page.evaluate(() => location.hash)).toBe('#/jobs?type=process');
      const row = page.getByRole('row').filter({ hasText: 'job-of.jpg' });
      await row.getByRole('cell', { name: 'complete' }).waitFor();
      for (const label of ['waited', 'worked on']) expect(await row.locator(`[data-label="${label}"]`).textContent()).toMatch(/^\d+(\.\d)? s$/);
      await row.getByRole('link', { name: /^process: details/ }).click();
      const drawer = page.getByRole('dialog', { name: /^Job process/ });
      await drawer.getByRole('heading', { name: 'One attempt' }).waitFor();
      await drawer.getByRole('listitem').getByText('complete').waitFor();
      await drawer.getByRole('link', { name: 'job-of.jpg' }).waitFor();
      await expectNoAxeViolations(page);
      await page.keyboard.press('Escape');
      await drawer.waitFor({ state: 'detached' });
      expect(await page.evaluate(() => location.hash)).toBe('#/jobs?type=process');
      await page.getByLabel('Type').selectOption('migrate');
      await page.getByText('No job is like that').waitFor();
    });

    test('the upload page first offers a destination without an entity, and then the last one', async () => {
      const page = await open();
      await page.getByRole('heading', { name: 'Upload' }).waitFor();
      await expect.poll(() => page.getByLabel('Collection').inputValue()).toBe('user.library');
      await chooseDestination(page, 'listing.photos', '9f3');
      await page.reload();
      await expect.poll(() => page.getByLabel('Collection').inputValue()).toBe('listing.photos');
      expect(await page.getByLabel(/it belongs to/).inputValue()).toBe('9f3');
    });

    test('jobs are read again when the server is back', async () => {
      const page = await open({ at: '#/jobs' });
      await page.getByText('Live', { exact: true }).waitFor();
      await page.getByLabel('State').waitFor();
      let isAway = true;
      await page.route(/\/v1\//, async (route) => (isAway ? await route.abort('connectionrefused') : await route.continue()));
      await page.context().setOffline(true);
      await page.context().setOffline(false);
      await page.getByLabel('State').selectOption('failed');
      await page.getByText('The jobs could not be read').waitFor();
      isAway = false;
      await page.getByText('The jobs could not be read').waitFor({ state: 'detached' });
      await page.getByText('Live', { exact: true }).waitFor();
    });

    test('says which rules the files violate, sends none that would be refused, and removes all of them at once', async () => {
      const page = await open();
      await chooseDestination(page, 'artist.images', randomUUID());
      const gif = { type: 'image/tiff', bytes: Buffer.from('II*') };
      await dropFiles(page, [{ name: 'one.tif', ...gif }, photoNamed('fine.jpg'), { name: 'two.tif', ...gif }]);
      const card = cardOf(page, 'one.tif');
      await card.getByText('TIFF is not accepted here. Allowed: JPEG, PNG', { exact: false }).waitFor();
      expect(await card.getByRole('button').allTextContents()).not.toContain('Upload anyway');
      await wordsOf(page, 'fine.jpg', /Published/).waitFor();
      await page.getByRole('button', { name: 'Leave out all 2 that were refused' }).click();
      await card.waitFor({ state: 'detached' });
      expect(await page.locator('.upload-card').count()).toBe(1);
    });

    test('sends by itself what a change of the rules allows', async () => {
      const page = await open();
      await chooseDestination(page, 'user.library');
      const changePolicy = async (maxBytes: number): Promise<number> => {
        const headers = { authorization: `Bearer ${product.token}`, 'content-type': 'application/json' };
        const { policy } = (await (await fetch(`${product.url}/v1/policies/user.library`, { headers })).json()) as { policy: { maxBytes: number } };
        await fetch(`${product.url}/v1/policies/user.library`, { method: 'PUT', headers, body: JSON.stringify({ ...policy, maxBytes }) });
        return policy.maxBytes;
      };
      const before = await changePolicy(1_000);
      await page.reload();
      await dropFiles(page, [photoNamed('large.jpg')]);
      await cardOf(page, 'large.jpg')
        .getByText(/at most 1000 bytes are allowed/)
        .waitFor();
      await changePolicy(before);
      await wordsOf(page, 'large.jpg', /Ready|Published/).waitFor();
    });

    test('takes files that are dropped on any page, and keeps them until their entity is known', async () => {
      const page = await open();
      await chooseDestination(page, 'listing.photos', '');
      await page.getByRole('link', { name: 'Library' }).click();
      await page.getByRole('heading', { name: 'Library' }).waitFor();
      await dropFiles(page, [photoNamed('nowhere.jpg')], 'main');
      await page.getByRole('heading', { name: 'Upload' }).waitFor();
      await page.getByText('One file waits. Name the listing that the files belong to first.').waitFor();
      expect(await page.locator('.upload-card').count()).toBe(0);
      await expectNoAxeViolations(page);
      await page.getByLabel(/it belongs to/).fill(randomUUID());
      expect(await page.locator('.upload-card').count(), 'a letter is no place').toBe(0);
      await page.getByRole('button', { name: 'Upload it' }).click();
      await wordsOf(page, 'nowhere.jpg', /Published/).waitFor();
    });

    test('asks for no files where a collection takes none at this moment, or where there is no collection', async () => {
      const page = await open();
      await page.locator('.drop-zone').getByText('Drop').waitFor();
      let answered = (rules: { acceptedTypes: string[] }[]): object[] =>
        rules.map((one) => ({ ...one, unavailableTypes: one.acceptedTypes.map((type) => ({ type, reason: 'ffmpeg is not installed' })) }));
      await page.route('**/v1/meta/media-rules*', async (route) => {
        const { rules } = (await (await route.fetch()).json()) as { rules: { acceptedTypes: string[] }[] };
        await route.fulfill({ json: { rules: answered(rules) } });
      });
      await page.reload();
      await page.getByText('takes nothing at this moment', { exact: false }).first().waitFor();
      await page.getByText('ffmpeg is not installed').waitFor();
      expect(await page.getByRole('button', { name: 'Choose files' }).count()).toBe(0);
      expect(await page.getByText(/^Drop /).count()).toBe(0);
      await expectNoAxeViolations(page);
      answered = () => [];
      await page.reload();
      await page.getByRole('heading', { name: 'There is no collection to upload to' }).waitFor();
      await expectNoAxeViolations(page);
    });

    test('says why a file failed, on its card and in the library', async () => {
      const page = await open();
      await chooseDestination(page, 'listing.photos', randomUUID());
      await dropFiles(page, [{ name: 'torn.jpg', type: 'image/jpeg', bytes: photo.subarray(0, photo.length / 2) }]);
      await cardOf(page, 'torn.jpg').getByRole('alert').waitFor();
      await page.getByRole('link', { name: 'Library' }).click();
      const tile = page.locator('.tile[data-status="failed"]').filter({ hasText: 'torn.jpg' });
      await tile.getByText('Failed', { exact: true }).waitFor();
      await tile.getByRole('link').click();
      await page.getByText('This file could not be made ready').waitFor();
      await page.getByText('corrupt_media').first().waitFor();
    });

    test('asks for a new token when the session has expired, and continues where it was', async () => {
      const page = await open({ at: '#/jobs' });
      await page.getByRole('heading', { name: 'Jobs' }).waitFor();
      await page.route('**/v1/media?*', (route, request) => route.continue({ headers: { ...request.headers(), authorization: 'Bearer expired' } }));
      await page.getByRole('link', { name: 'Library' }).click();
      const dialog = page.getByRole('dialog', { name: 'Your session has expired' });
      await dialog.waitFor();
      await expectNoAxeViolations(page);
      await page.unroute('**/v1/media?*');
      await dialog.getByLabel('Access token').fill('nonsense');
      await dialog.getByRole('button', { name: 'Sign in' }).click();
      await dialog.getByText('The server does not take this token').waitFor();
      await dialog.getByLabel('Access token').fill(product.token);
      await dialog.getByRole('button', { name: 'Sign in' }).click();
      await dialog.waitFor({ state: 'detached' });
      expect(new URL(page.url()).hash).toBe('#/library');
      await page.locator('.tile').first().waitFor();
    });

    test('shows the server’s own message with the request id, and a retry', async () => {
      const page = await open({ at: '#/jobs' });
      await page.getByRole('heading', { name: 'Jobs' }).waitFor();
      const problem = { code: 'storage_unavailable', title: 'Storage cannot be reached', detail: 'The disk is away.', requestId: 'req-42' };
      await page.route('**/v1/media?*', (route) =>
        route.fulfill({ status: 503, headers: { 'retry-after': '0' }, contentType: 'application/problem+json', body: JSON.stringify(problem) }),
      );
      await page.getByRole('link', { name: 'Library' }).click();
      await page.getByText('The disk is away.').waitFor();
      await page.getByText('req-42').waitFor();
      await page.unroute('**/v1/media?*');
      await page.getByRole('button', { name: 'Try again' }).click();
      await page.getByText('The disk is away.').waitFor({ state: 'detached' });
    });

    test('says that the device is offline, and is live again by itself', async () => {
      const page = await open();
      await page.getByText('Live', { exact: true }).first().waitFor();
      await page.context().setOffline(true);
      await page.getByText('This device is offline.').waitFor();
      await page.context().setOffline(false);
      await page.getByText('This device is offline.').waitFor({ state: 'detached' });
      await page.getByText('Live', { exact: true }).first().waitFor();
    });

    test('shows a description to a browser without JavaScript', async () => {
      const context = await browser.newContext({ javaScriptEnabled: false });
      const page = await context.newPage();
      await page.goto(`${product.url}/console`);
      expect(await page.textContent('noscript')).toContain('operator console');
      await context.close();
    });
  });

  test('asks before a link changes the signed-in person', async () => {
    const page = await open();
    await page.getByRole('heading', { name: firstPage }).waitFor();
    const stored = async (): Promise<string | null> => await page.evaluate(() => localStorage.getItem('safelight-token'));
    const mallory = `e30.${Buffer.from(JSON.stringify({ sub: 'mallory', scope: 'media:write' })).toString('base64url')}.sig`;
    const dialog = page.getByRole('dialog', { name: 'Switch to another person?' });
    for (const arrive of [
      async () => await page.evaluate((token) => location.assign(`#token=${token}`), mallory),
      // Like from another site: the whole page is loaded again.
      async () => {
        await page.goto('about:blank');
        await page.goto(`${product.url}/console#token=${mallory}`);
      },
    ]) {
      await arrive();
      await dialog.getByText('mallory').waitFor();
      expect(await stored()).toBe(product.token);
      await dialog.getByRole('button', { name: 'Stay signed in' }).click();
      await dialog.waitFor({ state: 'detached' });
      expect(await stored()).toBe(product.token);
    }
    await page.evaluate((token) => location.assign(`#token=${token}`), mallory);
    await dialog.getByRole('button', { name: 'Switch', exact: true }).click();
    await expect.poll(stored).toBe(mallory);
  });

  test('accepts a new link without asking if the stored token is refused', async () => {
    const page = await open({ token: 'of.an.earlier-start' });
    await page.getByRole('dialog', { name: 'Your session has expired' }).waitFor();
    await page.goto('about:blank');
    await page.goto(`${product.url}/console#token=${product.token}`);
    await expect.poll(async () => await page.evaluate(() => localStorage.getItem('safelight-token'))).toBe(product.token);
    await page.getByRole('heading', { name: firstPage }).waitFor();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  test('asks before a link of another site signs in', async () => {
    const page = await open({ signedIn: false });
    await page.getByRole('heading', { name: 'Sign in to the darkroom' }).waitFor();
    await page.route('http://elsewhere.test/', (route) =>
      route.fulfill({ contentType: 'text/html', body: `<a href="${product.url}/console#token=${product.token}" rel="noreferrer">photos</a>` }),
    );
    for (const answer of ['Do not sign in', 'Sign in']) {
      await page.goto('http://elsewhere.test/');
      await page.getByRole('link', { name: 'photos' }).click();
      const dialog = page.getByRole('dialog', { name: 'Sign in by this link?' });
      await dialog.getByText('developer').waitFor();
      await expectNoAxeViolations(page);
      expect(await page.evaluate(() => localStorage.getItem('safelight-token'))).toBeNull();
      await dialog.getByRole('button', { name: answer, exact: true }).click();
      await dialog.waitFor({ state: 'detached' });
    }
    await page.getByRole('heading', { name: firstPage }).waitFor();
  });

  test('says that a link is broken, and keeps the signed-in person', async () => {
    const page = await open();
    await page.getByRole('heading', { name: firstPage }).waitFor();
    await page.evaluate(() => location.assign('#token=%E0%A4%A'));
    const dialog = page.getByRole('dialog', { name: 'This link is broken' });
    await dialog.getByRole('button', { name: 'Stay signed in as before' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(await page.evaluate(() => localStorage.getItem('safelight-token'))).toBe(product.token);
  });

  test('shows the page whatever follows #token=', async () => {
    for (const fragment of ['', '%', '%zz', '%E0%A4%A', '%00', '<script>', 'a b']) {
      const page = await open({ signedIn: false });
      await page.goto('about:blank');
      await page.goto(`${product.url}/console#token=${fragment}`);
      await page
        .getByRole('heading', { name: firstPage })
        .or(page.getByRole('heading', { name: 'Sign in to the darkroom' }))
        .waitFor();
      await page
        .getByRole('dialog', { name: 'This link is broken' })
        .or(page.getByRole('dialog', { name: 'Your session has expired' }))
        .waitFor();
      expect(page.url()).not.toContain('token');
    }
  });

  test('has one signed-in person in all tabs, who signs out of all', async () => {
    const page = await open();
    await page.getByRole('heading', { name: firstPage }).waitFor();
    const other = await page.context().newPage();
    await other.goto(`${product.url}/console`);
    await other.getByRole('heading', { name: firstPage }).waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await other.getByRole('heading', { name: 'Sign in to the darkroom' }).waitFor();
  });

  test('removes the token from the URL and stores it for the next visit', async () => {
    const page = await open();
    await page.getByRole('heading', { name: firstPage }).waitFor();
    expect(page.url()).toBe(`${product.url}/console#/upload`);
    await page.reload();
    await page.getByRole('heading', { name: firstPage }).waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.reload();
    await page.getByRole('heading', { name: 'Sign in to the darkroom' }).waitFor();
  });

  test('stores the chosen theme', async () => {
    const page = await open({ dark: false });
    const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    const light = await ground();
    await page.getByRole('button', { name: /^Theme: system/ }).click();
    await page.getByRole('button', { name: /^Theme: light/ }).click();
    const dark = await ground();
    expect(dark).not.toBe(light);
    await page.reload();
    expect(await ground()).toBe(dark);
  });

  describe.each([
    { dark: false, narrow: false },
    { dark: false, narrow: true },
    { dark: true, narrow: false },
    { dark: true, narrow: true },
  ])('to everybody (dark: $dark, narrow: $narrow)', (look) => {
    test('has no accessibility problem and never scrolls sideways', async () => {
      const { id } = await upload('for-all.jpg');
      const signIn = await open({ ...look, signedIn: false });
      await signIn.getByRole('heading', { name: 'Sign in to the darkroom' }).waitFor();
      await expectFit(signIn);

      const page = await open(look);
      await chooseDestination(page, 'listing.photos', randomUUID());
      await expectFit(page);
      await dropFiles(page, [photoNamed('shown.jpg'), { name: 'held.gif', type: 'image/gif', bytes: Buffer.from('GIF89a') }]);
      await wordsOf(page, 'shown.jpg', /5 variants/).waitFor();
      await cardOf(page, 'held.gif')
        .getByText(/not accepted/)
        .waitFor();
      await expectFit(page);

      for (const [hash, there] of [
        ['#/library', '.tile'],
        [`#/library/${id}`, '.frame img'],
        ['#/jobs', 'tbody tr'],
      ] as const) {
        await page.evaluate((to) => location.assign(to), hash);
        await page.locator(there).first().waitFor();
        await expectFit(page);
      }
    });
  });
});

async function expectFit(page: Page): Promise<void> {
  await expectNoAxeViolations(page);
  const { content, window } = await page.evaluate(() => ({ content: document.documentElement.scrollWidth, window: innerWidth }));
  expect(content, `${page.url()} is wider than its window`).toBeLessThanOrEqual(window);
}

/** The accessible name of the focused element, approximately. */
const focusedName = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const focused = document.activeElement;
    const label = focused instanceof HTMLInputElement || focused instanceof HTMLSelectElement ? focused.labels?.[0]?.textContent : null;
    return (focused?.getAttribute('aria-label') ?? label ?? focused?.textContent ?? '').trim();
  });

async function tabTo(page: Page, name: string | RegExp, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  const passed: string[] = [];
  while (passed.length < 60) {
    await page.keyboard.press(key);
    const now = await focusedName(page);
    if (typeof name === 'string' ? now.startsWith(name) : name.test(now)) return;
    passed.push(now);
  }
  throw new Error(`The keyboard does not reach ${String(name)}; it passed ${passed.join(', ')}.`);
}
