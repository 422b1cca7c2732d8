import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

import type { Locator, Page } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';

import { describeInBrowser } from '../../server/test/support/describe-in-browser.ts';
import { temporaryDirectory } from '../../server/test/support/temporary-directory.ts';
import { show } from './open-kit.ts';
import { kitWithoutServer } from './kit-without-server.ts';

describeInBrowser('the kit in an application that does everything wrong', () => {
  const { openEmpty, open } = kitWithoutServer('http://127.0.0.1:9');
  const choose = async (page: Page, names: string[]): Promise<void> => {
    const chooser = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: /Choose files|Dateien auswählen/ }).click();
    await (await chooser).setFiles(names.map((name) => ({ name, mimeType: 'text/plain', buffer: Buffer.from('a') })));
  };
  const fileOf = (page: Page, name: string): Locator => page.locator('.sl-file').filter({ hasText: name });

  test('each of two providers and a service named by `serviceName` is asked for its own, with what a hook adds, and an unknown name is a label', async () => {
    const page = await openEmpty();
    const asked: string[] = [];
    await page.route('http://*.test/**/media?*', async (route) => {
      const { 'x-tenant': tenant = '', authorization = '' } = route.request().headers();
      const { hostname, pathname } = new URL(route.request().url());
      if (route.request().method() === 'GET') asked.push(`${hostname}${pathname} ${authorization} ${tenant}`.trim());
      await route.fulfill({ json: { media: [], nextCursor: null }, headers: { 'access-control-allow-origin': '*', 'access-control-allow-headers': '*' } });
    });
    await page.route('http://*.test/media', async (route) => {
      const { 'x-tenant': tenant = '', authorization = '' } = route.request().headers();
      if (route.request().method() === 'GET') asked.push(`${new URL(route.request().url()).hostname}/media ${authorization} ${tenant}`);
      await route.fulfill({ json: { media: [], nextCursor: null }, headers: { 'access-control-allow-origin': '*', 'access-control-allow-headers': '*' } });
    });
    await page.route('http://*.test/v1/media', async (route) => {
      const { 'x-tenant': tenant = '', authorization = '' } = route.request().headers();
      if (route.request().method() === 'GET') asked.push(`${new URL(route.request().url()).hostname}/v1/media ${authorization} ${tenant}`.trim());
      await route.fulfill({ json: { media: [], nextCursor: null }, headers: { 'access-control-allow-origin': '*', 'access-control-allow-headers': '*' } });
    });
    await show(page, 'ServersPage', {});
    await expect
      .poll(() => [...new Set(asked)].toSorted())
      .toEqual([
        'one.test/media Bearer one a',
        'one.test/v1/media Bearer one',
        'one.test/v1/media Bearer one b',
        'three.test/v1/media Bearer own',
        'two.test/v1/media Bearer two',
      ]);
  });

  test('a token function that throws is told at once in its own words, and is no lost network', async () => {
    const page = await open('FaultyPage');
    await choose(page, ['a.txt']);
    await fileOf(page, 'a.txt').getByText('The session is over.').waitFor();
    expect(await fileOf(page, 'a.txt').getAttribute('data-state')).toBe('failed');
  });

  test('a server that does not allow the page says what to do, while the upload waits', async () => {
    const server = createServer((_request, response) => void response.end('{}'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const page = await openEmpty({ expected: /CORS|ERR_FAILED/ });
    await show(page, 'FaultyPage', { baseURL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, token: 't' });
    await choose(page, ['a.txt']);
    await fileOf(page, 'a.txt').getByText('allow http://127.0.0.1:9 in the CORS settings there').waitFor();
  });

  test('what an upload waits for is said in the language of the page', async () => {
    const page = await open('FaultyPage', { token: 't', inGerman: true });
    await choose(page, ['a.txt']);
    await fileOf(page, 'a.txt').getByText('Wartet auf den Server').waitFor();
    await page.getByRole('button', { name: 'a.txt abbrechen' }).click();
    await fileOf(page, 'a.txt').getByText('Angehalten').waitFor();
  });

  test('a file that comes in by a retry is told of like any other', async () => {
    const page = await open('StubbornPage');
    const told = async (): Promise<string | null> => await page.locator('body').getAttribute('data-told');
    await choose(page, ['stubborn.txt', 'good.txt']);
    await expect.poll(told).toBe('{"error":1,"complete":1}');
    await page.getByRole('button', { name: 'Try stubborn.txt again' }).click();
    await expect.poll(told).toBe('{"error":1,"complete":2}');
  });

  test('hundreds of files are listed, uploaded and told of, each once', { timeout: 120_000 }, async () => {
    const page = await open('StubbornPage');
    await page.evaluate(() => {
      const transfer = new DataTransfer();
      for (let index = 0; index < 500; index += 1) transfer.items.add(new File(['a'], `${index}.txt`));
      const drop = new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer: transfer });
      document.querySelector('.sl-dropzone')?.dispatchEvent(drop);
    });
    await expect.poll(async () => await page.locator('body').getAttribute('data-told'), { timeout: 110_000 }).toBe('{"complete":500}');
    expect(await page.locator('.sl-file[data-state="done"]').count()).toBe(500);
  });

  test('of a dropped folder the files in it are uploaded, at any depth, without what systems leave there', async () => {
    const folder = path.join(await temporaryDirectory(), 'photos');
    await mkdir(path.join(folder, 'inner'), { recursive: true });
    const names = [...Array.from({ length: 120 }, (_, index) => `${index}.txt`), 'inner/deep.txt', '.DS_Store'];
    await Promise.all(names.map(async (name) => await writeFile(path.join(folder, name), 'a')));
    const page = await open('StubbornPage');
    const box = await page.locator('.sl-dropzone').boundingBox();
    const session = await page.context().newCDPSession(page);
    const at = { x: (box?.x ?? 0) + 10, y: (box?.y ?? 0) + 10, data: { items: [], files: [folder], dragOperationsMask: 1 } };
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const) await session.send('Input.dispatchDragEvent', { type, ...at });
    await expect.poll(async () => await page.locator('body').getAttribute('data-told'), { timeout: 50_000 }).toBe('{"complete":121}');
    await fileOf(page, 'deep.txt').waitFor();
    expect(await fileOf(page, '.DS_Store').count()).toBe(0);
  });

  test('a refused deletion says why, to everybody', async () => {
    const page = await open('RefusingPage');
    await page.getByRole('button', { name: 'Remove sea.jpg' }).click();
    await page.locator('.sl-problem').getByText('It is in use.').waitFor();
    await page.getByRole('status').getByText('It is in use.').waitFor({ state: 'attached' });
  });

  test('a strict content security policy, without inline styles, forbids nothing that the kit does', async () => {
    const csp = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; media-src 'self'; connect-src 'self'";
    const page = await openEmpty({ csp });
    await page.route('**/v1/**', async (route) => await route.fulfill({ status: 503, json: { code: 'unavailable', detail: '0' } }));
    await show(page, 'PartsPage', {});
    await page.locator('[data-part="MediaUploader.List"] .mine').waitFor();
    expect(
      await page
        .locator('.sl-live')
        .first()
        .evaluate((region) => getComputedStyle(region).clipPath),
    ).toBe('inset(50%)');
  });

  test('nothing moves, also for people who have not asked for that', async () => {
    const page = await open('PartsPage', {}, { context: { reducedMotion: 'no-preference' } });
    await page.locator('[data-part="MediaUploader.List"] .mine').waitFor();
    const moving = await page.locator('#root *').evaluateAll((all) =>
      all.flatMap((element) => {
        const { transitionDuration, animationName } = getComputedStyle(element);
        return transitionDuration === '0s' && animationName === 'none' ? [] : [element.outerHTML.slice(0, 80)];
      }),
    );
    expect(moving).toEqual([]);
  });

  test('a screen reader hears each control by its file and its purpose', async () => {
    const page = await open('StubbornPage');
    await choose(page, ['stubborn.txt', 'good.txt']);
    await fileOf(page, 'good.txt').getByText('Done').waitFor();
    expect(await page.locator('main').ariaSnapshot()).toBe(`- main:
  - heading "Upload" [level=1]
  - button "Choose files"
  - paragraph: or drop them here
  - list "Files":
    - listitem:
      - text: stubborn.txt Not now.
      - button "Try stubborn.txt again"
      - button "Remove stubborn.txt"
    - listitem:
      - text: good.txt Done
      - button "Remove good.txt"
  - status: "One file is uploaded. stubborn.txt failed: Not now."`);
  });
});
