import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { onTestFinished } from 'vitest';

import { closeContext } from '../../../packages/server/test/support/browser.ts';
import type { Product } from '../../../packages/server/test/support/product.ts';

export type OpenConsole = {
  product: Product;
  browser: Browser;
  narrow?: boolean;
  dark?: boolean;
  signedIn?: boolean;
  token?: string;
  at?: string;
  context?: BrowserContextOptions;
};

/** A console for one test, as `npm start` opens it. Fails the test if the page does anything that its policy forbids. */
export async function openConsole({
  product,
  browser,
  narrow = false,
  dark = false,
  signedIn = true,
  token = product.token,
  at = signedIn ? '#/upload' : '',
  context: options = {},
}: OpenConsole): Promise<Page> {
  const context = await browser.newContext({
    viewport: narrow ? { width: 360, height: 740 } : { width: 1280, height: 800 },
    colorScheme: dark ? 'dark' : 'light',
    reducedMotion: 'reduce',
    hasTouch: narrow,
    permissions: ['clipboard-read', 'clipboard-write'],
    ...options,
  });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (/Content Security Policy|Uncaught|Warning:/.test(message.text())) faults.push(message.text());
  });
  onTestFinished(async () => {
    await closeContext(context);
    if (faults.length > 0) throw new Error(`The page did what it must not:\n${faults.join('\n')}`);
  });
  await page.goto(signedIn ? `${product.url}/console#token=${token}` : `${product.url}/console`);
  if (at !== '') await page.evaluate((hash) => location.assign(hash), at);
  return page;
}

/** Drops files on the page with the events that a browser sends, and their data. */
export async function dropFiles(page: Page, files: { name: string; type: string; bytes: Buffer }[], on = '.drop-zone'): Promise<void> {
  const carried = await page.evaluateHandle(
    (given) => {
      const transfer = new DataTransfer();
      for (const { name, type, base64 } of given)
        transfer.items.add(new File([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], name, { type }));
      return transfer;
    },
    files.map(({ name, type, bytes }) => ({ name, type, base64: bytes.toString('base64') })),
  );
  for (const event of ['dragenter', 'dragover', 'drop']) await page.dispatchEvent(on, event, { dataTransfer: carried });
}

/** Chooses the destination of the next files. Each test uses an entity of its own. */
export async function chooseDestination(page: Page, collection: string, entityId?: string): Promise<void> {
  await page.getByLabel('Collection').selectOption(collection);
  if (entityId !== undefined) await page.getByLabel(/it belongs to/).fill(entityId);
}

/** The card of a chosen file on the upload page. */
export const cardOf = (page: Page, name: string) => page.locator('.upload-card').filter({ hasText: name });

/** The state of the upload according to the card of a file. */
export const wordsOf = (page: Page, name: string, words: RegExp) => cardOf(page, name).locator('.upload-words').filter({ hasText: words });
