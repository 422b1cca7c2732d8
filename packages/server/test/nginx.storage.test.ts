import { mkdir } from 'node:fs/promises';
import path from 'node:path';

import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { startNginx, whyNoNginx } from './support/nginx.ts';
import { startProduct, type Product } from './support/product.ts';
import { startProvider, type RunningProvider } from './support/provider.ts';
import { freePort } from './support/free-port.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';

/** The documented nginx configuration in front of the product: what a viewer gets through it. */
const reason = whyNoNginx();

describe.skipIf(reason !== null)(`behind nginx${reason === null ? '' : ` (skipped: ${reason})`}`, () => {
  describe.each(['filesystem', 'azure'] as const)('on %s', (kind) => {
    let provider: RunningProvider | null = null;
    let product: Product;
    let nginx: Awaited<ReturnType<typeof startNginx>>;

    beforeAll(async () => {
      provider = kind === 'azure' ? await startProvider('azure') : null;
      const [dataDir, directory, inner, outer] = [await temporaryDirectory(), await temporaryDirectory(), await freePort(), await freePort()];
      const objects = path.join(dataDir, 'objects');
      await mkdir(objects, { recursive: true });
      const env = {
        ...provider?.env,
        SAFELIGHT_CONFIG: path.join(import.meta.dirname, 'support/walk.config.ts'),
        PORT: String(inner),
        PUBLIC_URL: `http://127.0.0.1:${outer}`,
      };
      product = await startProduct('start', { dataDir, env });
      nginx = await startNginx({ directory, port: outer, product: `http://127.0.0.1:${inner}`, objects });
    });
    afterAll(async () => {
      await nginx?.stop();
      await product?.stop();
      await provider?.stop();
    });

    const photoIn = async (collection: string): Promise<{ id: string; src: string }> => {
      const form = new FormData();
      for (const [name, value] of Object.entries({ collection, entityType: 'listing', entityId: collection.replaceAll('.', '-') })) form.append(name, value);
      const bytes = await sharp({ create: { width: 900, height: 700, channels: 3, background: '#2b3' } })
        .jpeg()
        .toBuffer();
      form.append('file', new Blob([new Uint8Array(bytes)], { type: 'image/jpeg' }), 'photo.jpg');
      const headers = { authorization: `Bearer ${product.token}` };
      const { media } = (await (await fetch(`${product.url}/v1/media`, { method: 'POST', headers, body: form })).json()) as { media: { id: string } };
      const read = async (): Promise<{ id: string; status: string; src: string }> =>
        ((await (await fetch(`${product.url}/v1/media/${media.id}`, { headers })).json()) as { media: { id: string; status: string; src: string } }).media;
      await expect.poll(async () => (await read()).status, { timeout: 60_000, interval: 50 }).toBe('ready');
      return await read();
    };

    test('accelerated: Safelight decides, nginx sends the bytes, with ranges and all protecting headers', async () => {
      const { src } = await photoIn('accelerated.photos');
      const seen = await fetch(src);
      expect(seen.status).toBe(200);
      expect((await sharp(Buffer.from(await seen.arrayBuffer())).metadata()).format).toBe('webp');
      expect(Object.fromEntries(seen.headers)).toMatchObject({
        'content-type': 'image/webp',
        'content-disposition': expect.stringContaining('photo.webp'),
        'content-security-policy': expect.stringContaining('sandbox'),
        'x-content-type-options': 'nosniff',
        'cache-control': expect.stringContaining('max-age'),
        etag: expect.any(String),
      });
      expect([seen.headers.get('x-accel-redirect'), seen.headers.get('x-safelight-location')]).toEqual([null, null]);
      const part = await fetch(src, { headers: { range: 'bytes=8-11' } });
      expect({ status: part.status, text: await part.text() }).toEqual({ status: 206, text: 'WEBP' });
      const again = await fetch(src, { headers: { 'if-none-match': seen.headers.get('etag') ?? '' } });
      expect(again.status).toBe(304);
    });

    test('nobody reaches the internal locations from outside', async () => {
      const base = new URL(product.url).origin;
      for (const inner of ['/safelight-internal/remote', '/safelight-internal/file/etc/passwd']) expect((await fetch(`${base}${inner}`)).status).toBe(404);
    });

    test('a cache in front asks once, and a deleted photo is gone from the origin', async () => {
      const { id, src } = await photoIn('listing.photos');
      const status = async (): Promise<string | null> => {
        const answer = await fetch(src);
        await answer.arrayBuffer();
        return answer.headers.get('x-cache-status');
      };
      expect(await status()).toBe('MISS');
      expect(await status()).toBe('HIT');
      await fetch(`${product.url}/v1/media/${id}`, { method: 'DELETE', headers: { authorization: `Bearer ${product.token}` } });
      // Under another URL the cache has to ask.
      expect((await fetch(`${src}?again`)).status).toBe(404);
    });
  });
});
