import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { build, type BuildOptions } from 'esbuild';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { onTestFinished } from 'vitest';

import { closeContext } from '../../server/test/support/browser.ts';
import type { Product } from '../../server/test/support/product.ts';
import { temporaryDirectory } from '../../server/test/support/temporary-directory.ts';

const pages = path.resolve(import.meta.dirname, 'pages');

async function bundle(entry: string, options: BuildOptions): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [path.join(pages, entry)],
    bundle: true,
    write: false,
    jsx: 'automatic',
    jsxDev: true,
    conditions: ['safelight-source'],
    // Of a development build, which says what is wrong.
    define: { 'process.env.NODE_ENV': '"development"' },
    logLevel: 'error',
    ...options,
  });
  return outputFiles?.[0]?.text ?? '';
}

export type Kit = { script: string; styles: string; html: string };

/** The pages as a browser loads them, and the one that a server renders, rendered by Node. */
export async function buildKit(): Promise<Kit> {
  const [script, onServer, styles] = await Promise.all([
    bundle('main.tsx', { platform: 'browser', format: 'iife' }),
    bundle('render.tsx', { platform: 'node', format: 'cjs' }),
    readFile(path.resolve(import.meta.dirname, '../src/styles.css'), 'utf8'),
  ]);
  const file = path.join(await temporaryDirectory(), 'render.cjs');
  await writeFile(file, onServer);
  const { html } = ((await import(pathToFileURL(file).href)) as { default: { html: string } }).default;
  return { script, styles, html };
}

export type OpenKit = {
  product: Pick<Product, 'url'>;
  browser: Browser;
  kit: Kit;
  rendered?: boolean;
  context?: BrowserContextOptions;
  /** The page's content security policy. */
  csp?: string;
  /** Styles of the application, before those of the kit. */
  styles?: string;
  /** What the browser says about a fault that the test is about. */
  expected?: RegExp;
  /** A picture of the page's own origin, by its path. */
  picture?: { path: string; bytes: Buffer };
};

/** A page of the product's own origin that holds the kit. The test fails when React, or the page, has anything to say. */
export async function openKit({ product, browser, kit, rendered = false, context: options = {}, csp, styles = '', expected, picture }: OpenKit): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1000, height: 800 }, reducedMotion: 'reduce', ...options });
  const faults: string[] = [];
  onTestFinished(async () => {
    await closeContext(context);
    if (faults.length > 0) throw new Error(`The page had something to say:\n${faults.join('\n')}`);
  });
  const page = await context.newPage();
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (message.type() !== 'error' && message.type() !== 'warning') return;
    // A refusal that a test is about; everything else is React's or ours.
    if (!message.text().startsWith('Failed to load resource') && !expected?.test(message.text())) faults.push(message.text());
  });
  await context.route(`${product.url}/kit-test/*`, async (route) => {
    const [extension = ''] = /\.(?:js|css)$/.exec(route.request().url()) ?? [];
    const document = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Kit</title><link rel="stylesheet" href="page.css"><div id="root">${rendered ? kit.html : ''}</div><script src="page.js"></script></html>`;
    const look = `${styles}:root{color-scheme:light dark}body{font-family:sans-serif;background:Canvas;color:CanvasText}${kit.styles}`;
    const [contentType = '', body = ''] = { '.js': ['text/javascript', kit.script], '.css': ['text/css', look] }[extension] ?? ['text/html', document];
    await route.fulfill({ contentType: `${contentType}; charset=utf-8`, body, ...(csp === undefined ? {} : { headers: { 'content-security-policy': csp } }) });
  });
  if (picture) await context.route(product.url + picture.path, async (route) => await route.fulfill({ contentType: 'image/png', body: picture.bytes }));
  await page.goto(`${product.url}/kit-test/`);
  return page;
}

/** Puts one of the pages on the screen. */
export const show = async (page: Page, name: string, props: Record<string, unknown>): Promise<void> =>
  await page.evaluate(({ name, props }) => (globalThis as unknown as { show: (name: string, props: unknown) => void }).show(name, props), { name, props });
