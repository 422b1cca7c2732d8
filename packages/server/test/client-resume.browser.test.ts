import type { Page, Request } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { describeInBrowser } from './support/describe-in-browser.ts';
import { expectWhole, headersOf, newDestination, openStockClients } from './support/stock-clients.ts';

/** Three parts. */
const length = 20 * 2 ** 20 + 1;

describeInBrowser('an upload of our client in parts', () => {
  let clients: Awaited<ReturnType<typeof openStockClients>>;
  beforeAll(async () => {
    clients = await openStockClients('filesystem');
  });
  afterAll(async () => await clients?.close(clients.product));

  type Upload = { page: Page; destination: Record<string, string>; fileName: string };
  /** Chooses a file in the page, the same one for the same name, and starts its upload. */
  const choose = async ({ page, destination, fileName }: Upload): Promise<void> =>
    await page.evaluate(
      ({ baseURL, token, destination, fileName, length }) => {
        // The compiler of the tests does not know what the page offers.
        // oxlint-disable-next-line typescript/no-explicit-any
        const here = globalThis as any;
        const bytes = new Uint8Array(Uint32Array.from({ length: Math.ceil(length / 4) }, (_, index) => Math.imul(index, 2_654_435_761)).buffer).slice(
          0,
          length,
        );
        const file = new File([bytes], fileName, { type: 'application/octet-stream', lastModified: 1_700_000_000_000 });
        here.task = here.clients.createClient({ baseURL, token }).upload(file, destination);
        here.progress = [];
        here.task.subscribe(() => here.progress.push(here.task.getSnapshot().progress));
      },
      { baseURL: clients.product.url, token: clients.product.token, destination, fileName, length },
    );
  const ended = async (page: Page): Promise<{ state: string; progress: (number | null)[] }> =>
    await page.evaluate(async () => {
      // oxlint-disable-next-line typescript/no-explicit-any
      const here = globalThis as any;
      await here.task.result;
      return { state: here.task.getSnapshot().state, progress: here.progress };
    });
  const remembered = async (page: Page): Promise<number> =>
    await page.evaluate(
      async () =>
        await new Promise<number>((resolve, reject) => {
          const opening = indexedDB.open('safelight', 1);
          opening.addEventListener('error', () => reject(new Error('the database of the page could not be opened')));
          opening.addEventListener('success', () => {
            const counting = opening.result.transaction('uploads').objectStore('uploads').count();
            counting.addEventListener('success', () => (opening.result.close(), resolve(counting.result)));
          });
        }),
    );
  /** The numbers of the parts that the page sends from now on; those that it may send are held back if requested. */
  const watchParts = async (page: Page, mayPass: (partNumber: number) => boolean): Promise<number[]> => {
    const sent: number[] = [];
    const numberOf = (request: Request): number => Number(new URL(request.url()).searchParams.get('part'));
    await page.unrouteAll({ behavior: 'ignoreErrors' });
    await page.route(/\/storage\/.*[?&]part=/, async (route) => {
      if (route.request().method() !== 'PUT' || mayPass(numberOf(route.request()))) await route.continue();
      // Held until the page is gone.
    });
    page.on('requestfinished', (request) => {
      if (request.method() === 'PUT' && numberOf(request) > 0) sent.push(numberOf(request));
    });
    return sent;
  };
  const arrived = async (): Promise<number[]> => {
    const { uploads } = await (await fetch(`${clients.product.url}/v1/uploads?state=open`, { headers: headersOf(clients.product) })).json();
    if (uploads.length === 0) return [];
    const { parts } = await (await fetch(`${clients.product.url}/v1/media/upload/${uploads[0].id}/parts`, { headers: headersOf(clients.product) })).json();
    return parts.map(({ partNumber }: { partNumber: number }) => partNumber);
  };

  test('continues after a reload with the missing parts, when the same file is chosen again', async () => {
    const { page } = clients;
    const upload = { page, destination: newDestination(), fileName: 'film.bin' };
    await watchParts(page, (partNumber) => partNumber === 1);
    await choose(upload);
    await expect.poll(arrived, { timeout: 30_000 }).toEqual([1]);
    expect(await remembered(page)).toBe(1);

    await page.reload();
    const sent = await watchParts(page, () => true);
    await choose(upload);
    const { state, progress } = await ended(page);
    expect(state).toBe('done');
    const known = progress.filter((value) => value !== null);
    expect(known[0]).toBeGreaterThanOrEqual(0);
    expect(sent.toSorted((a, b) => a - b)).not.toContain(1);
    await expectWhole(clients.product, upload.destination['entityId'] ?? '', length);
    // A completed upload is not continued: the same file may be uploaded again.
    expect(await remembered(page)).toBe(0);
  });

  test('starts over if the server has dropped the upload that was begun before the reload', async () => {
    const { page } = clients;
    const upload = { page, destination: newDestination(), fileName: 'other.bin' };
    await watchParts(page, (partNumber) => partNumber === 1);
    await choose(upload);
    await expect.poll(arrived, { timeout: 30_000 }).toEqual([1]);
    const { uploads } = await (await fetch(`${clients.product.url}/v1/uploads?state=open`, { headers: headersOf(clients.product) })).json();
    await page.reload();
    await fetch(`${clients.product.url}/v1/uploads/${uploads[0].id}`, { method: 'DELETE', headers: headersOf(clients.product) });
    const sent = await watchParts(page, () => true);
    await choose(upload);
    expect((await ended(page)).state).toBe('done');
    expect(sent).toContain(1);
    await expectWhole(clients.product, upload.destination['entityId'] ?? '', length);
    expect(await remembered(page)).toBe(0);
  });
});
