import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

import { preview, type PreviewServer } from 'vite';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { expectNoAxeViolations, openBrowser } from '../../packages/server/test/support/browser.ts';
import { describeInBrowser } from '../../packages/server/test/support/describe-in-browser.ts';

type Browser = Awaited<ReturnType<typeof openBrowser>>;
type Page = Awaited<ReturnType<Browser['newPage']>>;

const root = path.resolve(import.meta.dirname, '../..');
const looks = [
  { width: 1440, colorScheme: 'light' },
  { width: 390, colorScheme: 'dark' },
] as const;

describeInBrowser('the site of the documents', () => {
  let server: PreviewServer;
  let browser: Browser;
  let url: string;
  beforeAll(async () => {
    // The command exits with 1 if a link is broken, or something is loaded from another host.
    const build = spawn('npm', ['run', 'docs:site'], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    const said: string[] = [];
    for (const stream of [build.stdout, build.stderr]) stream.setEncoding('utf8').on('data', (text: string) => said.push(text));
    const [code] = await once(build, 'close');
    expect(code, said.join('')).toBe(0);
    [server, browser] = await Promise.all([
      preview({ configFile: false, root: path.join(root, 'site'), appType: 'mpa', build: { outDir: 'dist' }, preview: { port: 0, host: '127.0.0.1' } }),
      openBrowser(),
    ]);
    url = server.resolvedUrls?.local[0] ?? '';
  }, 300_000);
  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  async function open(at: string, { width, colorScheme }: (typeof looks)[number] = looks[0]): Promise<{ page: Page; close: () => Promise<void> }> {
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
    const faults: string[] = [];
    page.on('request', (request) => /^(?:data:|blob:)/.test(request.url()) || request.url().startsWith(url) || faults.push(`asks ${request.url()}`));
    page.on('console', (message) => void (message.type() === 'error' && faults.push(message.text())));
    page.on('pageerror', (error) => faults.push(error.message));
    await page.goto(`${url}${at}`, { waitUntil: 'load' });
    return {
      page,
      async close() {
        await page.close();
        expect(faults).toEqual([]);
      },
    };
  }

  test.each(['', 'start.html', 'idea.html', 'uploads.html', 'lifecycle.html', 'api.html', 'examples/listing-photos.html', 'packages/react.html'])(
    'page "%s" reads well on a desk and on a phone in the dark, for everybody, from one host',
    async (at) => {
      for (const look of looks) {
        const { page, close } = await open(at, look);
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(look.width);
        await expectNoAxeViolations(page);
        await close();
      }
    },
  );

  test('the search works without any other host', async () => {
    const { page, close } = await open('');
    await page.getByRole('button', { name: 'Search' }).click();
    await page.getByRole('searchbox').fill('refunded');
    const found = page.getByRole('listbox').getByRole('option').filter({ hasText: 'payment' }).first();
    await found.click();
    await page.waitForURL(/delivery/);
    await close();
  });
});
