import type { Browser } from 'playwright-core';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'vitest';

import { openBrowser } from './browser.ts';
import { startProduct, type Product } from './product.ts';
import { temporaryDirectory } from './temporary-directory.ts';

type Options = Parameters<typeof startProduct>[1];
export type ProductInBrowser = { product: Product; browser: Browser; close(): Promise<void> };

const optionsOf = new WeakMap<Product, Options>();

/** Starts a product, by default in a new directory, and a browser, for `beforeAll`: return `close` from it to end both. */
export async function openProductInBrowser(given: Partial<Options> = {}): Promise<ProductInBrowser> {
  const options = { ...given, dataDir: given.dataDir ?? (await temporaryDirectory()) };
  const [started, opened] = await Promise.allSettled([startProduct('start', options), openBrowser()]);
  const close = async (): Promise<void> => {
    await Promise.all([opened.status === 'fulfilled' ? opened.value.close() : undefined, started.status === 'fulfilled' ? started.value.stop() : undefined]);
  };
  if (started.status === 'fulfilled' && opened.status === 'fulfilled') {
    optionsOf.set(started.value, options);
    return { product: started.value, browser: opened.value, close };
  }
  await close();
  throw started.status === 'rejected' ? started.reason : opened.status === 'rejected' ? opened.reason : undefined;
}

/**
 * For `beforeEach`, where tests share a product and name what they leave in it: a test that is tried again finds an empty product at another address,
 * and not the files of its first try.
 */
export function beginAnewWhenTriedAgain(shared: () => Product): (context: TestContext) => Promise<void> {
  return async ({ task }) => {
    if ((task.result?.retryCount ?? 0) === 0) return;
    const product = shared();
    const options = optionsOf.get(product);
    if (options === undefined) throw new Error('This product was not opened by openProductInBrowser.');
    await product.stop();
    for (const name of await readdir(options.dataDir)) await rm(join(options.dataDir, name), { recursive: true });
    Object.assign(product, await startProduct('start', options));
  };
}
