import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { openBrowser } from './support/browser.ts';
import { describeInBrowser } from './support/describe-in-browser.ts';
import { startProduct, type Product } from './support/product.ts';
import { serveStockClients } from './support/stock-clients-page.ts';

const run = promisify(execFile);
const mebibyte = 2 ** 20;
/** As the page makes them too: every byte follows from its place, so that nothing can be swapped unseen. */
const bytesOf = (length: number): Buffer =>
  Buffer.from(Uint32Array.from({ length: Math.ceil(length / 4) }, (_, index) => Math.imul(index, 2_654_435_761)).buffer).subarray(0, length);
type Ended = { succeeded: number; failed: string[]; progress: number[] };

describeInBrowser('stock clients, unchanged, from a page of another origin', () => {
  let directory: string;
  let product: Product;
  let shop: Awaited<ReturnType<typeof serveStockClients>>;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'safelight-stock-'));
    [product, shop, browser] = await Promise.all([startProduct('start', { dataDir: directory }), serveStockClients(), openBrowser()]);
    page = await browser.newPage();
    await page.goto(shop.url);
  });
  afterAll(async () => {
    await browser?.close();
    await Promise.all([shop?.close(), product?.stop()]);
    await rm(directory, { recursive: true, force: true });
  });

  const destination = (): Record<string, string> => ({ collection: 'product.files', entityType: 'product', entityId: randomUUID() });
  const api = async (pathname: string): Promise<Response> => await fetch(product.url + pathname, { headers: { authorization: `Bearer ${product.token}` } });
  const digestOf = (length: number): string => createHash('sha256').update(bytesOf(length)).digest('hex');
  /** Expects the one file of a product to be there, whole. */
  const expectWhole = async (entityId: string, length: number): Promise<void> => {
    const find = async () => (await (await api(`/v1/media?entity=product/${entityId}`)).json()).media;
    await expect.poll(async () => (await find()).map(({ status }: { status: string }) => status), { timeout: 40_000 }).toEqual(['ready']);
    const [media] = await find();
    const bytes = Buffer.from(await (await api(`/download/${media.id}`)).arrayBuffer());
    expect({ length: bytes.length, digest: createHash('sha256').update(bytes).digest('hex') }).toEqual({ length, digest: digestOf(length) });
  };

  /** Runs one Uppy in the page with one uploader and one file. */
  const uppy = async (plugin: 'Tus' | 'AwsS3' | 'XHRUpload', options: Record<string, unknown>, meta: Record<string, string>, length: number): Promise<Ended> =>
    await page.evaluate(
      async ({ plugin, options, meta, length }) => {
        // What the page offers is not known to the compiler of the tests.
        // oxlint-disable-next-line typescript/no-explicit-any
        const { clients } = globalThis as any;
        const bytes = new Uint8Array(Uint32Array.from({ length: Math.ceil(length / 4) }, (_, index) => Math.imul(index, 2_654_435_761)).buffer).slice(
          0,
          length,
        );
        const one = new clients.Uppy({ meta });
        one.use(clients[plugin], options);
        const progress: number[] = [];
        one.on('upload-progress', (_file: unknown, { bytesUploaded }: { bytesUploaded: number }) => progress.push(bytesUploaded));
        // Of its own, because Uppy goes on with the earlier upload of a file that looks the same.
        one.addFile({
          name: `film-${crypto.randomUUID()}.bin`,
          type: 'application/octet-stream',
          data: new Blob([bytes], { type: 'application/octet-stream' }),
        });
        const { successful, failed } = await one.upload();
        return { succeeded: successful.length, failed: failed.map((file: { error: unknown }) => String(file.error)), progress };
      },
      { plugin, options, meta, length },
    );
  const headers = (): Record<string, string> => ({ authorization: `Bearer ${product.token}` });

  test('@uppy/tus, in one request and in chunks', async () => {
    for (const chunkSize of [undefined, 700_000]) {
      const meta = destination();
      const ended = await uppy(
        'Tus',
        { endpoint: `${product.url}/v1/uploads/tus`, headers: headers(), ...(chunkSize === undefined ? {} : { chunkSize }) },
        meta,
        2_500_001,
      );
      expect(ended).toMatchObject({ succeeded: 1, failed: [] });
      await expectWhole(meta['entityId'] ?? '', 2_500_001);
    }
  });

  test('@uppy/aws-s3 with only an address: a small file, and a large one in parts', async () => {
    for (const [shouldUseMultipart, length] of [
      [false, 300_001],
      [true, 12 * mebibyte + 1],
    ] as const) {
      const meta = destination();
      const ended = await uppy('AwsS3', { companionEndpoint: `${product.url}/v1/companion/${product.token}`, shouldUseMultipart }, meta, length);
      expect(ended).toMatchObject({ succeeded: 1, failed: [] });
      expect(ended.progress).toEqual(ended.progress.toSorted((a, b) => a - b));
      await expectWhole(meta['entityId'] ?? '', length);
    }
  });

  test('@uppy/xhr-upload', async () => {
    const meta = destination();
    expect(
      await uppy(
        'XHRUpload',
        { endpoint: `${product.url}/v1/media`, headers: headers(), fieldName: 'file', allowedMetaFields: ['collection', 'entityType', 'entityId'] },
        meta,
        1_000_001,
      ),
    ).toMatchObject({ succeeded: 1, failed: [] });
    await expectWhole(meta['entityId'] ?? '', 1_000_001);
  });

  test('tus-js-client, with parallel uploads, a deferred length, and a resume after its page was gone', async () => {
    const start = async (options: Record<string, unknown>, length: number, abortAfter?: number): Promise<string> =>
      await page.evaluate(
        async ({ options, length, abortAfter }) => {
          // oxlint-disable-next-line typescript/no-explicit-any
          const { tus } = (globalThis as any).clients;
          const bytes = new Uint8Array(Uint32Array.from({ length: Math.ceil(length / 4) }, (_, index) => Math.imul(index, 2_654_435_761)).buffer).slice(
            0,
            length,
          );
          return await new Promise<string>((resolve, reject) => {
            const upload = new tus.Upload(new File([bytes], 'film.bin', { type: 'application/octet-stream', lastModified: 1 }), {
              retryDelays: [0, 500, 1000],
              ...options,
              onError: reject,
              onSuccess: () => resolve(upload.url),
              onChunkComplete: (_size: number, accepted: number) => {
                if (abortAfter !== undefined && accepted >= abortAfter) void upload.abort().then(() => resolve(upload.url));
              },
            });
            void upload.findPreviousUploads().then((previous: unknown[]) => {
              if (previous.length > 0) upload.resumeFromPreviousUpload(previous[0]);
              upload.start();
            });
          });
        },
        { options, length, abortAfter },
      );
    const options = (meta: Record<string, string>): Record<string, unknown> => ({
      endpoint: `${product.url}/v1/uploads/tus`,
      headers: headers(),
      metadata: { ...meta, filename: 'film.bin' },
    });
    for (const extra of [{ parallelUploads: 3 }, { uploadLengthDeferred: true, chunkSize: 800_000 }]) {
      const meta = destination();
      await start({ ...options(meta), ...extra, storeFingerprintForResuming: false }, 3_000_001);
      await expectWhole(meta['entityId'] ?? '', 3_000_001);
    }
    const meta = destination();
    const begun = await start({ ...options(meta), chunkSize: 500_000, removeFingerprintOnSuccess: true }, 2_000_001, 1_000_000);
    await page.reload();
    expect(await start({ ...options(meta), chunkSize: 500_000, removeFingerprintOnSuccess: true }, 2_000_001)).toBe(begun);
    await expectWhole(meta['entityId'] ?? '', 2_000_001);
  });

  test('tells the reason of a refusal so that the client can show it', async () => {
    const { failed } = await uppy('Tus', { endpoint: `${product.url}/v1/uploads/tus`, headers: headers(), retryDelays: [] }, { collection: 'nothing' }, 10);
    expect(failed.join()).toContain('There is no collection');
  });

  test('curl, by form and by signed PUT', async () => {
    const file = path.join(directory, 'film.bin');
    await writeFile(file, bytesOf(1_000_000));
    const meta = destination();
    const fields = Object.entries(meta).flatMap(([name, value]) => ['-F', `${name}=${value}`]);
    const { stdout } = await run('curl', [
      '-sS',
      '-f',
      '-H',
      `authorization: Bearer ${product.token}`,
      ...fields,
      '-F',
      `file=@${file}`,
      `${product.url}/v1/media`,
    ]);
    expect(JSON.parse(stdout)).toMatchObject({ jobId: expect.any(String) });
    await expectWhole(meta['entityId'] ?? '', 1_000_000);
    const other = destination();
    const post = async (pathname: string, body: object) =>
      await (
        await fetch(product.url + pathname, { method: 'POST', headers: { ...headers(), 'content-type': 'application/json' }, body: JSON.stringify(body) })
      ).json();
    const opened = await post('/v1/media/upload/init', { ...other, filename: 'film.bin', byteSize: 1_000_000 });
    await run('curl', [
      '-sS',
      '-f',
      '-T',
      file,
      ...Object.entries<string>(opened.headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]),
      opened.uploadURL,
    ]);
    await post('/v1/media/upload/complete', { uploadId: opened.uploadId });
    await expectWhole(other['entityId'] ?? '', 1_000_000);
  });
});
