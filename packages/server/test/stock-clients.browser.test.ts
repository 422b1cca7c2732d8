import { writeFile } from 'node:fs/promises';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { describeInBrowser } from './support/describe-in-browser.ts';
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
  type Ended,
  type Plugin,
} from './support/stock-clients.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';

const mebibyte = 2 ** 20;

describeInBrowser('stock clients, unchanged, from a page of another origin', () => {
  describe.each(['filesystem', 's3'] as const)('on %s', (kind) => {
    const reason = kind === 's3' ? whyNoProvider('s3') : null;
    describe.skipIf(reason !== null)(reason === null ? 'with its store' : `(skipped: ${reason})`, () => {
      let clients: Awaited<ReturnType<typeof openStockClients>>;
      beforeAll(async () => {
        clients = await openStockClients(kind);
      });
      afterAll(async () => await clients?.close(clients.product));

      const headers = (): Record<string, string> => headersOf(clients.product);
      const uppy = async (plugin: Plugin, options: Record<string, unknown>, meta: Record<string, string>, length: number): Promise<Ended> =>
        await runUppy(clients.page, plugin, options, meta, length);

      test('@uppy/tus, in one request and in chunks', async () => {
        for (const chunkSize of [undefined, 700_000]) {
          const meta = newDestination();
          const ended = await uppy(
            'Tus',
            { endpoint: `${clients.product.url}/v1/uploads/tus`, headers: headers(), ...(chunkSize === undefined ? {} : { chunkSize }) },
            meta,
            2_500_001,
          );
          expect(ended).toMatchObject({ succeeded: 1, failed: [] });
          await expectWhole(clients.product, meta['entityId'] ?? '', 2_500_001);
        }
      });

      test('@uppy/aws-s3 with only a URL: a small file, and a large one in parts', async () => {
        for (const [shouldUseMultipart, length] of [
          [false, 300_001],
          [true, 12 * mebibyte + 1],
        ] as const) {
          const meta = newDestination();
          const ended = await uppy(
            'AwsS3',
            { companionEndpoint: `${clients.product.url}/v1/companion/${clients.product.token}`, shouldUseMultipart },
            meta,
            length,
          );
          expect(ended).toMatchObject({ succeeded: 1, failed: [] });
          expect(ended.progress).toEqual(ended.progress.toSorted((a, b) => a - b));
          await expectWhole(clients.product, meta['entityId'] ?? '', length);
        }
      });

      test('@uppy/xhr-upload', async () => {
        const meta = newDestination();
        expect(
          await uppy(
            'XHRUpload',
            { endpoint: `${clients.product.url}/v1/media`, headers: headers(), fieldName: 'file', allowedMetaFields: ['collection', 'entityType', 'entityId'] },
            meta,
            1_000_001,
          ),
        ).toMatchObject({ succeeded: 1, failed: [] });
        await expectWhole(clients.product, meta['entityId'] ?? '', 1_000_001);
      });

      test('tus-js-client, with parallel uploads, a deferred length, and a resume after its page was gone', async () => {
        const start = async (options: Record<string, unknown>, length: number, abortAfter?: number): Promise<string> =>
          await clients.page.evaluate(
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
          endpoint: `${clients.product.url}/v1/uploads/tus`,
          headers: headers(),
          metadata: { ...meta, filename: 'film.bin' },
        });
        for (const extra of [{ parallelUploads: 3 }, { uploadLengthDeferred: true, chunkSize: 800_000 }]) {
          const meta = newDestination();
          await start({ ...options(meta), ...extra, storeFingerprintForResuming: false }, 3_000_001);
          await expectWhole(clients.product, meta['entityId'] ?? '', 3_000_001);
        }
        const meta = newDestination();
        const begun = await start({ ...options(meta), chunkSize: 500_000, removeFingerprintOnSuccess: true }, 2_000_001, 1_000_000);
        await clients.page.reload();
        expect(await start({ ...options(meta), chunkSize: 500_000, removeFingerprintOnSuccess: true }, 2_000_001)).toBe(begun);
        await expectWhole(clients.product, meta['entityId'] ?? '', 2_000_001);
      });

      test('gets the reason of a refusal, so that it can show it', async () => {
        const { failed } = await uppy(
          'Tus',
          { endpoint: `${clients.product.url}/v1/uploads/tus`, headers: headers(), retryDelays: [] },
          { collection: 'nothing' },
          10,
        );
        expect(failed.join()).toContain('There is no collection');
      });

      test('curl, by form and by signed PUT', async () => {
        const file = path.join(await temporaryDirectory(), 'film.bin');
        await writeFile(file, bytesOf(1_000_000));
        const meta = newDestination();
        const authorization = `authorization: Bearer ${clients.product.token}`;
        const stdout = await curl('-H', authorization, ...fieldsFor(meta), '-F', `file=@${file}`, `${clients.product.url}/v1/media`);
        expect(JSON.parse(stdout)).toMatchObject({ jobId: expect.any(String) });
        await expectWhole(clients.product, meta['entityId'] ?? '', 1_000_000);
        const other = newDestination();
        const post = async (pathname: string, body: object) =>
          await (
            await fetch(clients.product.url + pathname, {
              method: 'POST',
              headers: { ...headers(), 'content-type': 'application/json' },
              body: JSON.stringify(body),
            })
          ).json();
        const opened = await post('/v1/media/upload/init', { ...other, filename: 'film.bin', byteSize: 1_000_000 });
        const signed = Object.entries<string>(opened.headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
        await curl('-T', file, ...signed, opened.uploadURL);
        await post('/v1/media/upload/complete', { uploadId: opened.uploadId });
        await expectWhole(clients.product, other['entityId'] ?? '', 1_000_000);
      });
    });
  });
});
