import { readdir, rename } from 'node:fs/promises';
import path from 'node:path';

import { afterAll, beforeAll, expect, test, vi } from 'vitest';

import { filesIn } from './chaos/support/account.ts';
import { testDatabase } from './support/database.ts';
import { quadrants } from './support/pictures.ts';
import { startProduct, type Product } from './support/product.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';

let product: Product;
let photo: { id: string; src: string };

beforeAll(async () => {
  const dataDir = await temporaryDirectory();
  const { connectionString } = await testDatabase();
  product = await startProduct('start', { dataDir, env: { DATABASE_URL: connectionString } });
  const form = new FormData();
  for (const [name, value] of Object.entries({ collection: 'artist.images', entityType: 'artist', entityId: '42' })) form.append(name, value);
  form.append('file', new Blob([await quadrants().jpeg().toBuffer()]), 'a.jpg');
  const uploaded = await fetch(`${product.url}/v1/media`, { method: 'POST', headers: { authorization: `Bearer ${product.token}` }, body: form });
  photo = ((await uploaded.json()) as { media: { id: string; src: string } }).media;
  // Somebody deletes an object behind the product's back.
  // An upload is answered while its file still gets its name.
  await vi.waitFor(async () => expect(await readdir(path.join(dataDir, 'objects/.safelight/unnamed'))).toEqual([]), { timeout: 20_000 });
  // Not what the store keeps beside them, such as the file with which the start tries it, which goes away by itself.
  for (const file of await filesIn(dataDir)) await rename(path.join(dataDir, file), path.join(dataDir, path.basename(file)));
});
afterAll(async () => {
  await product.stop();
});

test.each(['GET', 'HEAD'].flatMap((method) => [undefined, 'bytes=0-1', 'bytes=0-1,5-6'].map((range) => [method, range] as const)))(
  '%s with the range %s of bytes that are lost is refused, and nothing of the refusal is kept or taken for the picture',
  async (method, range) => {
    for (const url of [photo.src, `${product.url}/view/${photo.id}`, `${product.url}/download/${photo.id}`]) {
      const answer = await fetch(url, { method, headers: range === undefined ? {} : { range } });
      await answer.arrayBuffer();
      expect({ url, status: answer.status, cache: answer.headers.get('cache-control') }).toEqual({ url, status: 503, cache: 'no-store' });
      expect(answer.headers.get('content-type')).toBe('application/problem+json');
      for (const name of ['etag', 'last-modified', 'content-disposition', 'content-range', 'accept-ranges']) expect(answer.headers.get(name)).toBeNull();
    }
  },
);
