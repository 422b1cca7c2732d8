import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { promisify } from 'node:util';

import { PutBucketCorsCommand, S3Client } from '@aws-sdk/client-s3';
import type { Browser, Page } from 'playwright-core';
import { expect } from 'vitest';

import { corsRules } from '../../src/bin/doctor/cors-rules.ts';
import { openBrowser } from './browser.ts';
import { startProduct, type Product } from './product.ts';
import { startProvider, type RunningProvider } from './provider.ts';
import { serveStockClients } from './stock-clients-page.ts';
import { temporaryDirectory } from './temporary-directory.ts';

/** The page computes the same bytes: each follows from its position, so that no swap goes unnoticed. */
export const bytesOf = (length: number): Buffer =>
  Buffer.from(Uint32Array.from({ length: Math.ceil(length / 4) }, (_, index) => Math.imul(index, 2_654_435_761)).buffer).subarray(0, length);

export type Ended = { succeeded: number; failed: string[]; progress: number[] };
export type Plugin = 'Tus' | 'AwsS3' | 'XHRUpload';

/** The URL of the API, and the token. */
export type Site = { url: string; token: string };

export const headersOf = ({ token }: Site): Record<string, string> => ({ authorization: `Bearer ${token}` });
export const newDestination = (): Record<string, string> => ({ collection: 'product.files', entityType: 'product', entityId: randomUUID() });

/** A store for a product; on S3 with the CORS rules that `safelight doctor --cors` prints. */
async function startStore(kind: 'filesystem' | 's3'): Promise<RunningProvider | null> {
  if (kind === 'filesystem') return null;
  const provider = await startProvider('s3');
  const { AWS_ENDPOINT_URL_S3: endpoint = '', S3_STAGING_BUCKET: Bucket = '', AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '' } = provider.env;
  const staging = { provider: 's3', executionTarget: 'emulator', location: Bucket, region: 'us-east-1' } as const;
  const rules = corsRules({ stores: [staging], roles: { staging: `s3:${Bucket}`, final: `s3:${Bucket}` }, corsOrigins: '*' })?.rules;
  const credentials = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY };
  const client = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials });
  await client.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: rules as { CORSRules: { AllowedMethods: string[]; AllowedOrigins: string[] }[] } }));
  client.destroy();
  return provider;
}

/** A product on a store, a page of another origin with the stock clients, and a browser that shows it. */
export async function openStockClients(kind: 'filesystem' | 's3', env: Record<string, string> = {}) {
  const provider = await startStore(kind);
  const dataDir = await temporaryDirectory();
  const start = async (): Promise<Product> => await startProduct('start', { dataDir, env: { ...provider?.env, ...env } });
  const [product, shop, browser] = await Promise.all([start(), serveStockClients(), openBrowser()]);
  const page = await openPage(browser, shop.url);
  return {
    product,
    start,
    page,
    async close(running: Product) {
      await browser.close();
      await Promise.all([shop.close(), running.stop()]);
      await provider?.stop();
    },
  };
}

async function openPage(browser: Browser, url: string): Promise<Page> {
  const page = await browser.newPage();
  await page.goto(url);
  return page;
}

/** Expects exactly one file of a product in the shop, intact. */
export async function expectWhole(site: Site, entityId: string, length: number): Promise<void> {
  const api = async (pathname: string): Promise<Response> => await fetch(site.url + pathname, { headers: headersOf(site) });
  const find = async (): Promise<{ id: string; status: string }[]> => (await (await api(`/v1/media?entity=product/${entityId}`)).json()).media;
  await expect.poll(async () => (await find()).map(({ status }) => status), { timeout: 40_000 }).toEqual(['ready']);
  const [media] = await find();
  const bytes = Buffer.from(await (await api(`/download/${media?.id}`)).arrayBuffer());
  const digest = createHash('sha256').update(bytesOf(length)).digest('hex');
  expect({ length: bytes.length, digest: createHash('sha256').update(bytes).digest('hex') }).toEqual({ length, digest });
}

/** Runs one Uppy in the page with one uploader and one file. */
export const runUppy = async (page: Page, plugin: Plugin, options: Record<string, unknown>, meta: Record<string, string>, length: number): Promise<Ended> =>
  await page.evaluate(
    async ({ plugin, options, meta, length }) => {
      // The compiler of the tests does not know what the page offers.
      // oxlint-disable-next-line typescript/no-explicit-any
      const { clients } = globalThis as any;
      const bytes = new Uint8Array(Uint32Array.from({ length: Math.ceil(length / 4) }, (_, index) => Math.imul(index, 2_654_435_761)).buffer).slice(0, length);
      const one = new clients.Uppy({ meta });
      one.use(clients[plugin], options);
      const progress: number[] = [];
      one.on('upload-progress', (_file: unknown, { bytesUploaded }: { bytesUploaded: number }) => progress.push(bytesUploaded));
      // A separate instance, because Uppy continues the earlier upload of a file that looks the same.
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

const run = promisify(execFile);

/** Runs curl with an argument for each word; returns its output. */
export const curl = async (...args: string[]): Promise<string> => (await run('curl', ['-sS', '-f', ...args])).stdout;

export const fieldsFor = (values: Record<string, string>): string[] => Object.entries(values).flatMap(([name, value]) => ['-F', `${name}=${value}`]);
