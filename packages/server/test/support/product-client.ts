import type { Job } from '@safelight/contract/jobs';
import type { Media } from '@safelight/contract/media';
import { expect } from 'vitest';

import type { Product } from './product.ts';

// Black box: the content of a body is what the tests check.
// oxlint-disable-next-line typescript/no-explicit-any
export type Answered = { status: number; headers: Headers; bytes: Buffer; body: any };

export type ProductClient = {
  /** Asks the API by a path below /v1, or any URL; a plain object is sent as JSON. */
  ask(method: string, to: string, body?: FormData | Buffer | object, headers?: Record<string, string>): Promise<Answered>;
  /** Sends a file as a form. */
  upload(fields: Record<string, string>, bytes: Buffer, name?: string, type?: string): Promise<Answered>;
  media(id: string): Promise<Media>;
  job(id: string): Promise<Job>;
  /** Waits until it is processed and returns the record. */
  settled(id: string): Promise<Media>;
  /** Expects records and storage to agree at this moment. */
  expectClean(): Promise<void>;
};

/** Uses a product with the token that it printed, or with another. */
export function clientOf(product: Pick<Product, 'url' | 'token'>): ProductClient {
  const client: ProductClient = {
    async ask(method, to, body, headers = {}) {
      const isRaw = body === undefined || body instanceof FormData || Buffer.isBuffer(body);
      const answer = await fetch(URL.canParse(to) ? to : `${product.url}/v1${to}`, {
        method,
        redirect: 'manual',
        headers: { authorization: `Bearer ${product.token}`, ...(isRaw ? {} : { 'content-type': 'application/json' }), ...headers },
        ...(body === undefined ? {} : { body: isRaw ? (body as BodyInit) : JSON.stringify(body) }),
      });
      const bytes = Buffer.from(await answer.arrayBuffer());
      const isJson = answer.headers.get('content-type')?.includes('json') === true && bytes.length > 0;
      return { status: answer.status, headers: answer.headers, bytes, body: isJson ? JSON.parse(bytes.toString()) : null };
    },
    async upload(fields, bytes, name = 'photo.jpg', type = 'image/jpeg') {
      const form = new FormData();
      for (const [field, value] of Object.entries(fields)) form.append(field, value);
      form.append('file', new Blob([new Uint8Array(bytes)], { type }), name);
      return await client.ask('POST', '/media', form);
    },
    media: async (id) => (await client.ask('GET', `/media/${id}`)).body.media,
    job: async (id) => (await client.ask('GET', `/jobs/${id}`)).body.job,
    async settled(id) {
      await expect.poll(async () => (await client.media(id)).status, { timeout: 60_000, interval: 50 }).toMatch(/ready|failed/);
      return await client.media(id);
    },
    async expectClean() {
      expect((await client.ask('POST', '/admin/discrepancies', {})).body.discrepancies).toEqual([]);
    },
  };
  return client;
}
