import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';

import * as tus from 'tus-js-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { describeInBrowser } from './support/describe-in-browser.ts';
import { startFaultProxy, type Fault, type FaultProxy } from './support/fault-proxy.ts';
import type { Product } from './support/product.ts';
import { whyNoProvider } from './support/provider.ts';
import {
  bytesOf,
  curl,
  expectWhole,
  fieldsFor,
  headersOf,
  newDestination,
  openStockClients,
  runUppy,
  type Plugin,
  type Site,
} from './support/stock-clients.ts';
import { freePort } from './support/free-port.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';

const mebibyte = 2 ** 20;
const none = (): Fault => ({ kind: 'none' });
/** As patient as a user who waits for a server to come back. */
const retryDelays = [100, 500, 1000, 2000, 2000, 2000, 3000, 3000, 3000, 3000, 3000, 3000];
/** The answers that each protocol can lose after their work was done. */
const lastRequest: Record<Plugin, RegExp> = { Tus: /^PATCH /, AwsS3: /\/complete\?/, XHRUpload: /^POST \/v1\/media HTTP/ };

/*
 * A byte proxy is between the clients and the product, and all of its URLs lead through it. Whatever goes wrong there, and if the product is killed
 * in the middle of a body: afterwards the file exists, complete, and only once.
 */
describeInBrowser('stock clients on a bad network', () => {
  describe.each(['filesystem', 's3'] as const)('on %s', (kind) => {
    const reason = kind === 's3' ? whyNoProvider('s3') : null;
    describe.skipIf(reason !== null)(reason === null ? 'with its store' : `(skipped: ${reason})`, () => {
      let proxy: FaultProxy;
      let clients: Awaited<ReturnType<typeof openStockClients>>;
      let product: Product;
      let site: Site;
      let file: string;

      beforeAll(async () => {
        const port = await freePort();
        proxy = await startFaultProxy(`http://127.0.0.1:${port}`, none);
        clients = await openStockClients(kind, { PORT: String(port), PUBLIC_URL: proxy.origin });
        product = clients.product;
        site = { url: proxy.origin, token: product.token };
        file = path.join(await temporaryDirectory(), 'film.bin');
        await writeFile(file, bytesOf(3_000_001));
      });
      afterAll(async () => {
        await clients?.close(product);
        await proxy?.stop();
      });

      const kill = async (): Promise<void> => {
        await product.stop('SIGKILL');
        proxy.cut();
        product = await clients.start();
      };
      /** Uploads with one of Uppy's uploaders while one thing goes wrong, and expects the file. */
      const uppyThrough = async (plugin: Plugin, fault: Fault, length: number): Promise<void> => {
        const options: Record<Plugin, Record<string, unknown>> = {
          Tus: { endpoint: `${site.url}/v1/uploads/tus`, headers: headersOf(site), retryDelays, chunkSize: mebibyte },
          AwsS3: { companionEndpoint: `${site.url}/v1/companion/${site.token}`, shouldUseMultipart: true, retryDelays },
          // The key makes its retries one upload, even if only the answer was lost.
          XHRUpload: {
            endpoint: `${site.url}/v1/media`,
            headers: { ...headersOf(site), 'idempotency-key': randomUUID() },
            fieldName: 'file',
            allowedMetaFields: ['collection', 'entityType', 'entityId'],
          },
        };
        const meta = newDestination();
        proxy.arm(() => fault);
        const ended = await runUppy(clients.page, plugin, options[plugin], meta, length);
        expect(proxy.happened()).toBe(true);
        proxy.arm(none);
        expect(ended).toMatchObject({ succeeded: 1, failed: [] });
        await expectWhole(site, meta['entityId'] ?? '', length);
      };
      const tusThrough = async (meta: Record<string, string>, length: number, onSent: (bytes: number) => void = () => undefined): Promise<void> => {
        const { promise, resolve, reject } = Promise.withResolvers<void>();
        new tus.Upload(bytesOf(length), {
          endpoint: `${site.url}/v1/uploads/tus`,
          headers: headersOf(site),
          metadata: { ...meta, filename: 'film.bin' },
          chunkSize: 2 * mebibyte,
          retryDelays,
          onProgress: onSent,
          onError: reject,
          onSuccess: () => resolve(),
        }).start();
        await promise;
        await expectWhole(site, meta['entityId'] ?? '', length);
      };
      const curlThrough = async (meta: Record<string, string>): Promise<string> =>
        await curl(
          '--retry',
          '30',
          '--retry-delay',
          '1',
          '--retry-all-errors',
          `-Hauthorization: Bearer ${site.token}`,
          `-Hidempotency-key: ${randomUUID()}`,
          ...fieldsFor(meta),
          `-Ffile=@${file}`,
          `${site.url}/v1/media`,
        );

      test.each(['Tus', 'AwsS3', 'XHRUpload'] as const)('Uppy %s: a connection is reset in the middle of a body', async (plugin) => {
        const inTheBody: Fault = { kind: 'reset', from: 'client', afterBytes: 600_000 };
        // Parts go straight to S3, past the proxy; only the answer with their signature can be cut off.
        const isPast = plugin === 'AwsS3' && kind === 's3';
        await uppyThrough(
          plugin,
          isPast ? { kind: 'lost answer', to: /^GET \S+\/s3\/multipart\/[^/]+\/1\?/ } : inTheBody,
          plugin === 'AwsS3' ? 11 * mebibyte : 2_500_001,
        );
      });

      test.each(['Tus', 'AwsS3', 'XHRUpload'] as const)('Uppy %s: the answer to its last request is lost', async (plugin) => {
        await uppyThrough(plugin, { kind: 'lost answer', to: lastRequest[plugin] }, plugin === 'AwsS3' ? 6 * mebibyte : 900_001);
      });

      test.each([
        ['a connection is reset in the middle of a body', { kind: 'reset', from: 'client', afterBytes: mebibyte }],
        ['the answer to a PATCH is lost', { kind: 'lost answer', to: /^PATCH / }],
      ] as [string, Fault][])('tus-js-client: %s', async (_what, fault) => {
        proxy.arm(() => fault);
        await tusThrough(newDestination(), 3_000_001);
        expect(proxy.happened()).toBe(true);
      });

      test('tus-js-client: the answers stall until the connection breaks', async () => {
        proxy.arm((connection) => (connection === 1 ? { kind: 'stall', afterBytes: 1 } : { kind: 'none' }));
        const uploaded = tusThrough(newDestination(), 3_000_001);
        await expect.poll(() => proxy.happened()).toBe(true);
        // Like a network that has lost track of the connection.
        proxy.arm(none);
        await uploaded;
      });

      test('tus-js-client: the server is killed in the middle of a body', async () => {
        const sent = Promise.withResolvers<void>();
        const uploaded = tusThrough(newDestination(), 9_000_001, (bytes) => bytes > 5 * mebibyte && sent.resolve());
        await sent.promise;
        await kill();
        await uploaded;
      });

      test('curl: a connection is reset, an answer is lost, and the server is killed', async () => {
        for (const fault of [
          { kind: 'reset', from: 'client', afterBytes: mebibyte },
          { kind: 'lost answer', to: /^POST \/v1\/media HTTP/ },
        ] as Fault[]) {
          const meta = newDestination();
          proxy.arm(() => fault);
          await curlThrough(meta);
          expect(proxy.happened()).toBe(true);
          proxy.arm(none);
          await expectWhole(site, meta['entityId'] ?? '', 3_000_001);
        }
        const meta = newDestination();
        // The first connection is stalled, so that the server can be killed in the middle of a body.
        proxy.arm((connection) => (connection === 1 ? { kind: 'latency', milliseconds: 200 } : { kind: 'none' }));
        const uploaded = curlThrough(meta);
        await expect.poll(() => proxy.connections()).toBe(1);
        await kill();
        await uploaded;
        await expectWhole(site, meta['entityId'] ?? '', 3_000_001);
      });
    });
  });
});
