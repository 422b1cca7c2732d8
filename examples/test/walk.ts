import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { createClient, type Client } from '@safelight/client';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, expect } from 'vitest';

import { expectNoAxeViolations, openBrowser } from '../../packages/server/test/support/browser.ts';
import { startExample, type ExampleName, type Running, type StartOptions } from '../shared/start-example.ts';

export type Walk = {
  running: () => Running;
  folder: () => string;
  /** Who may do everything here, by the API. */
  manager: () => Client;
  /** A page of the example; its complaints on the console fail the test that calls `close`, apart from those that it expects. */
  open: (at: string, options?: { width?: number; dark?: boolean }) => Promise<{ page: Page; close: (expected?: RegExp) => Promise<void> }>;
};

/** What a walk has beside its example, like a bucket: what the example is told of it, and how it ends. */
export type Beside = Pick<StartOptions, 'command' | 'env'> & { end?: () => Promise<void> };

/** Starts one example with a browser for the tests of a file. */
export function walkExample(name: ExampleName, prepare: (folder: string) => Promise<Beside> = async () => ({})): Walk {
  let running: Running;
  let browser: Browser;
  let folder: string;
  let beside: Beside;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), `safelight-${name}-`));
    beside = await prepare(folder);
    [running, browser] = await Promise.all([startExample(name, { ...beside, dataDir: path.join(folder, 'data') }), openBrowser()]);
  });
  afterAll(async () => {
    await browser.close();
    await running.stop();
    await beside.end?.();
    await rm(folder, { recursive: true, force: true });
  });
  return {
    running: () => running,
    folder: () => folder,
    manager: () => createClient({ baseURL: running.safelight.url, token: running.safelight.token }),
    async open(at, { width = 1440, dark = false } = {}) {
      const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme: dark ? 'dark' : 'light' });
      const complaints: string[] = [];
      page.on('console', (message) => void (message.type() === 'error' && complaints.push(`${message.text()} ${message.location().url}`)));
      page.on('pageerror', (error) => complaints.push(error.message));
      await page.goto(`${running.url}/#/${at}`);
      await page.locator('h1').first().waitFor();
      return {
        page,
        async close(expected = /^$/) {
          await expectNoAxeViolations(page);
          await page.close();
          expect(complaints.filter((line) => !expected.test(line))).toEqual([]);
        },
      };
    },
  };
}

/** A picture that no other is like, so that nothing of it is known from before. */
const photo = async (format: 'jpeg' | 'png' = 'jpeg'): Promise<Buffer> =>
  await sharp({ create: { width: 900, height: 600, channels: 3, background: '#884433', noise: { type: 'gaussian', mean: 128, sigma: 30 } } })
    .toFormat(format)
    .toBuffer();
export const fileOf = async (name: string): Promise<{ name: string; mimeType: string; buffer: Buffer }> => ({
  name,
  mimeType: 'image/jpeg',
  buffer: await photo(),
});

/** Whether nothing is wider than the page, at the width of a phone, in the dark. */
export async function expectNarrowPage(walk: Walk, at: string): Promise<void> {
  const { page, close } = await walk.open(at, { width: 390, dark: true });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  await close();
}
