import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { createClient, type Client } from '@safelight/client';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';

import { closeContext, expectNoAxeViolations, openBrowser } from '../../packages/server/test/support/browser.ts';
import { startExample, type ExampleName, type Running, type StartOptions } from '../shared/start-example.ts';

export type Walk = {
  running: () => Running;
  folder: () => string;
  /** A caller of the API who may do everything. */
  manager: () => Client;
  /** A caller of the API who is the example's signed-in user. */
  person: () => Client;
  /** A page of the example; its messages on the console fail the test that calls `close`, except for expected ones. */
  open: (at: string, options?: { width?: number; dark?: boolean; isOffline?: boolean }) => Promise<{ page: Page; close: (expected?: RegExp) => Promise<void> }>;
};

/** Something besides the example, like a bucket: the variables that the example gets, and how it ends. */
export type Beside = Pick<StartOptions, 'command' | 'env'> & { end?: () => Promise<void> };

/**
 * An example with a browser for the tests of a file. A failed attempt leaves an unknown state, so whatever comes after it, including a retry of the
 * same test, gets an example of its own: no test may rely on what another one has left.
 */
export function walkExample(name: ExampleName, prepare: (folder: string) => Promise<Beside> = async () => ({})): Walk {
  let browser: Browser;
  let begun: Begun | null = null;
  const now = (): Begun => begun ?? expect.fail('The example runs while a test does.');
  const end = async (): Promise<void> => {
    const ending = begun;
    begun = null;
    await ending?.end();
  };
  beforeAll(async () => void (browser = await openBrowser()));
  beforeEach(async () => void (begun ??= await begin(name, prepare)));
  afterEach(async ({ task }) => {
    for (const context of browser.contexts()) await closeContext(context);
    if (task.result?.state === 'fail') await end();
  });
  afterAll(async () => {
    await browser.close();
    await end();
  });
  return {
    running: () => now().running,
    folder: () => now().folder,
    manager: () => createClient({ baseURL: now().running.safelight.url, token: now().running.safelight.token }),
    person: () => {
      const { url, safelight } = now().running;
      return createClient({ baseURL: safelight.url, token: async () => await (await fetch(`${url}/api/media-token`)).text() });
    },
    async open(at, { width = 1440, dark = false, isOffline = false } = {}) {
      const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme: dark ? 'dark' : 'light' });
      page.context().setDefaultTimeout(60_000);
      const complaints: string[] = [];
      page.on('console', (message) => void (message.type() === 'error' && complaints.push(`${message.text()} ${message.location().url}`)));
      page.on('pageerror', (error) => complaints.push(error.message));
      if (isOffline) await page.route(/\/(?:v1|api\/(?:orders|notices))(?:\/|$)/, async (route) => await route.abort());
      await page.goto(`${now().running.url}/#/${at}`);
      await page.locator('h1').first().waitFor();
      return {
        page,
        async close(expected = /^$/) {
          await expectNoAxeViolations(page);
          await closeContext(page.context());
          expect(complaints.filter((line) => !expected.test(line))).toEqual([]);
        },
      };
    },
  };
}

type Begun = { running: Running; folder: string; end: () => Promise<void> };

async function begin(name: ExampleName, prepare: (folder: string) => Promise<Beside>): Promise<Begun> {
  const folder = await mkdtemp(path.join(tmpdir(), `safelight-${name}-`));
  const { end: endBeside, ...beside } = await prepare(folder);
  const end = async (): Promise<void> => {
    await endBeside?.();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const running = await startExample(name, { ...beside, dataDir: path.join(folder, 'data') });
    return { running, folder, end: async () => await running.stop().then(end) };
  } catch (error) {
    await end();
    throw error;
  }
}

/** A picture unlike any other, so that it is new to the product. */
const photo = async (format: 'jpeg' | 'png' = 'jpeg'): Promise<Buffer> =>
  await sharp({ create: { width: 900, height: 600, channels: 3, background: '#884433', noise: { type: 'gaussian', mean: 128, sigma: 30 } } })
    .toFormat(format)
    .toBuffer();
export const fileOf = async (name: string): Promise<{ name: string; mimeType: string; buffer: Buffer }> => ({
  name,
  mimeType: 'image/jpeg',
  buffer: await photo(),
});

/** The same for the API. */
export const pictureOf = async (name: string): Promise<File> => new File([new Uint8Array(await photo())], name, { type: 'image/jpeg' });

/** Whether nothing is wider than the page, at the width of a phone, in dark mode. */
export async function expectNarrowPage(walk: Walk, at: string): Promise<void> {
  const { page, close } = await walk.open(at, { width: 390, dark: true });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  // Skips with the keyboard what all pages begin with.
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('MAIN');
  await close();
}

/** Whether a page without a connection says so, instead of showing an empty list. */
export async function expectHonestOffline(walk: Walk, at: string): Promise<void> {
  const { page, close } = await walk.open(at, { isOffline: true });
  await page
    .getByText(/could not be reached/)
    .first()
    .waitFor();
  expect(
    await page
      .getByText(/nothing (?:here )?yet|none yet|nothing was bought/i)
      .filter({ visible: true })
      .allInnerTexts(),
  ).toEqual([]);
  await close(/net::ERR_FAILED/);
}
