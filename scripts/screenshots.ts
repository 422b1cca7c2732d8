// Takes screenshots of pages of a running Safelight, narrow and wide, light and dark:
//   node scripts/screenshots.ts <folder> [<URL> …]
// Without a URL it takes the console of `npm start`. If the page requires a token, give the URL that `npm start` prints.
import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { openBrowser } from '../packages/server/test/support/browser.ts';

const [folder, ...given] = process.argv.slice(2);
if (!folder) {
  console.error('Say where to: node scripts/screenshots.ts <folder> [<URL> …]');
  process.exit(2);
}
const urls = given.length > 0 ? given : ['http://127.0.0.1:4700/console'];

const widths = { narrow: { width: 390, height: 844 }, wide: { width: 1280, height: 800 } };
const schemes = ['light', 'dark'] as const;

/** `/console/jobs?x#y` becomes `console-jobs`, the root `index`; queries and fragments may contain a token and are left out of names. */
const nameOf = (url: string): string => new URL(url).pathname.split('/').filter(Boolean).join('-') || 'index';

await mkdir(folder, { recursive: true });
const browser = await openBrowser();
try {
  for (const url of urls) {
    for (const [width, viewport] of Object.entries(widths)) {
      for (const colorScheme of schemes) {
        const page = await browser.newPage({ viewport, colorScheme, deviceScaleFactor: 2, reducedMotion: 'reduce' });
        const response = await page.goto(url);
        if (response && !response.ok()) throw new Error(`${url} answered ${response.status()}.`);
        // The console keeps an event stream open, so the network is never idle: wait for the pictures instead.
        await page.waitForLoadState('load');
        await page.waitForFunction(
          () => [...document.images].every((image) => image.complete) && document.getAnimations().every((one) => one.playState !== 'running'),
        );
        const path = resolve(folder, `${nameOf(url)}-${width}-${colorScheme}.png`);
        await page.screenshot({ path });
        console.log(path);
        await page.close();
      }
    }
  }
} finally {
  await browser.close();
}
