import path from 'node:path';

import { build } from 'esbuild';
import sharp from 'sharp';
import { beforeAll, expect, onTestFinished, test } from 'vitest';

import { describeInBrowser } from '../../packages/server/test/support/describe-in-browser.ts';
import type { Product } from '../../packages/server/test/support/product.ts';
import { openProductInBrowser, type ProductInBrowser } from '../../packages/server/test/support/product-in-browser.ts';
import { blocksOf, isSource, root } from './pages.ts';

type Browser = ProductInBrowser['browser'];
type Page = Awaited<ReturnType<Browser['newPage']>>;

const client = 'packages/client/README.md';
const kit = 'packages/react/README.md';
const examplesOf = (page: string): string[] => blocksOf(page).flatMap((block) => (isSource(block) ? [block.text] : []));

/** What an application adds to an example of the kit: a place on the page, and the client of its session. */
const mount = (example: string): string => `${example}
import { createClient } from '@safelight/client';
import { SafelightProvider } from '@safelight/react';
import { createRoot } from 'react-dom/client';
const token = await (await fetch('/media-token')).text();
const Example = ${/export (?:function|const) (\w+)/.exec(example)?.[1]};
createRoot(document.querySelector('main')).render(
  <SafelightProvider client={createClient({ baseURL: '', token })}>
    <Example token={token} />
  </SafelightProvider>,
);`;

/** What an application has around the example of the client: a file, and a place for what is shown. */
const inApplication = (example: string): string => {
  const imports = example.match(/^import .*$/gm) ?? [];
  return `${imports.join('\n')}
const file = new File([await (await fetch('/photo.jpg')).blob()], 'photo.jpg', { type: 'image/jpeg', lastModified: 1_700_000_000_000 });
${example.replaceAll(/^import .*$/gm, '').replaceAll(/'https:\/\/media\.example\.com'/g, 'location.origin')}
Object.assign(globalThis, { answers: { media, job, photos } });`;
};

describeInBrowser('the examples of the packages run as written', () => {
  let product: Product;
  let browser: Browser;
  let photo: Buffer;
  beforeAll(async () => {
    const opened = await openProductInBrowser();
    ({ product, browser } = opened);
    photo = await sharp({ create: { width: 640, height: 480, channels: 3, background: '#4a6fa5' } })
      .jpeg()
      .toBuffer();
    return opened.close;
  });

  /** The page of an application on the product's own origin, which hands out tokens there. */
  const open = async (source: string): Promise<{ page: Page; said: string[] }> => {
    const { outputFiles } = await build({
      stdin: { contents: source, loader: 'tsx', resolveDir: path.join(root, 'packages/react') },
      bundle: true,
      write: false,
      outfile: 'example.js',
      format: 'esm',
      jsx: 'automatic',
      conditions: ['safelight-source'],
      define: { 'process.env.NODE_ENV': '"development"' },
      logLevel: 'error',
    });
    const textOf = (extension: string): string => outputFiles.find((file) => file.path.endsWith(extension))?.text ?? '';
    const page = await browser.newPage();
    const said: string[] = [];
    const faults: string[] = [];
    page.on('console', (message) => (/error|warning/.test(message.type()) ? faults : said).push(message.text()));
    page.on('pageerror', (error) => faults.push(error.message));
    onTestFinished(async () => {
      await page.close();
      expect(faults).toEqual([]);
    });
    const html = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Example</title><link rel="stylesheet" href="/example/page.css"><main></main><script type="module" src="/example/page.js"></script></html>`;
    const answers: Record<string, { contentType: string; body: string | Buffer }> = {
      '/example/': { contentType: 'text/html', body: html },
      '/example/page.js': { contentType: 'text/javascript', body: textOf('.js') },
      '/example/page.css': { contentType: 'text/css', body: textOf('.css') },
      '/media-token': { contentType: 'text/plain', body: product.token },
      '/photo.jpg': { contentType: 'image/jpeg', body: photo },
    };
    for (const [name, answer] of Object.entries(answers)) await page.route(product.url + name, async (route) => await route.fulfill(answer));
    await page.goto(`${product.url}/example/`);
    return { page, said };
  };
  const choose = async (page: Page, name: string, by: string): Promise<void> => {
    const chooser = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: by }).click();
    await (await chooser).setFiles([{ name, mimeType: 'image/jpeg', buffer: photo }]);
  };

  test('of the client: an upload until it is shown, a generation until it has ended, and what the public sees', async () => {
    const [example = '', ...others] = examplesOf(client);
    expect(others).toEqual([]);
    const { page, said } = await open(inApplication(example));
    await page.waitForFunction(() => 'answers' in globalThis, undefined, { timeout: 60_000 });
    const { media, job, photos } = await page.evaluate(
      () => (globalThis as unknown as { answers: { media: { id: string }; job: { state: string }; photos: { id: string }[] } }).answers,
    );
    expect(job.state).toBe('complete');
    expect(photos.map(({ id }) => id)).toEqual([media.id]);
    expect(said.some((line) => line.startsWith('done'))).toBe(true);
  });

  test('of the kit: each is mounted, uploads a photo, and shows it', async () => {
    const [whole = '', parts = '', checked = '', ...others] = examplesOf(kit);
    expect(others).toEqual([]);

    const first = await open(mount(whole));
    await choose(first.page, 'first.jpg', 'Choose files');
    await first.page.getByRole('list', { name: 'Media' }).getByText('first.jpg').waitFor();
    await expect.poll(() => first.said).toContainEqual(expect.stringMatching(/^https?:/));

    const second = await open(mount(parts));
    await choose(second.page, 'second.jpg', 'Add photos');
    await second.page.locator('[data-state="done"]').filter({ hasText: 'second.jpg' }).waitFor();
    expect(await second.page.locator('.drop .button').count()).toBe(1);
    await second.page.getByRole('button', { name: 'Take a photo' }).waitFor();

    const third = await open(mount(checked));
    await choose(third.page, 'third.jpg', 'Choose files');
    await third.page.locator('[data-state="done"]').filter({ hasText: 'third.jpg' }).waitFor();
    await third.page.getByRole('listitem').filter({ hasText: 'third.jpg' }).locator('canvas').waitFor();
  });
});
