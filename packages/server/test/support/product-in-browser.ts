import type { Browser } from 'playwright-core';

import { openBrowser } from './browser.ts';
import { startProduct, type Product } from './product.ts';
import { temporaryDirectory } from './temporary-directory.ts';

export type ProductInBrowser = { product: Product; browser: Browser; close(): Promise<void> };

/** Starts a product, by default in a new directory, and a browser, for `beforeAll`: return `close` from it to end both. */
export async function openProductInBrowser(options: Partial<Parameters<typeof startProduct>[1]> = {}): Promise<ProductInBrowser> {
  const dataDir = options.dataDir ?? (await temporaryDirectory());
  const [started, opened] = await Promise.allSettled([startProduct('start', { ...options, dataDir }), openBrowser()]);
  const close = async (): Promise<void> => {
    await Promise.all([opened.status === 'fulfilled' ? opened.value.close() : undefined, started.status === 'fulfilled' ? started.value.stop() : undefined]);
  };
  if (started.status === 'fulfilled' && opened.status === 'fulfilled') return { product: started.value, browser: opened.value, close };
  await close();
  throw started.status === 'rejected' ? started.reason : opened.status === 'rejected' ? opened.reason : undefined;
}
