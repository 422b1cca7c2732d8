import path from 'node:path';

import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { startProduct, type Product } from './support/product.ts';
import { providerKinds, startProvider, whyNoProvider, type RunningProvider } from './support/provider.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';

/*
 * The walk of a photo on every provider, as an outsider sees it: only environment variables tell the product where to keep bytes.
 */

const config = path.join(import.meta.dirname, 'support/walk.config.ts');
const picture = (): Promise<Buffer> =>
  sharp({ create: { width: 900, height: 700, channels: 3, background: '#b23' } })
    .jpeg()
    .toBuffer();

describe.each(providerKinds)('a photo on %s', (kind) => {
  const reason = whyNoProvider(kind);
  describe.skipIf(reason !== null)(reason === null ? 'its counterpart' : `skipped: ${reason}`, () => {
    let provider: RunningProvider;
    let product: Product;

    beforeAll(async () => {
      provider = await startProvider(kind);
      product = await startProduct('start', { dataDir: await temporaryDirectory(), env: { ...provider.env, SAFELIGHT_CONFIG: config } });
    });
    afterAll(async () => {
      await product?.stop();
      await provider?.stop();
    });

    // Black box: the content is what the tests check.
    // oxlint-disable-next-line typescript/no-explicit-any
    const ask = async (method: string, to: string, body?: unknown): Promise<{ status: number; headers: Headers; bytes: Buffer; body: any }> => {
      const isForm = body instanceof FormData;
      const answer = await fetch(to.startsWith('http') ? to : `${product.url}/v1${to}`, {
        method,
        redirect: 'manual',
        headers: { authorization: `Bearer ${product.token}`, ...(body === undefined || isForm ? {} : { 'content-type': 'application/json' }) },
        ...(body === undefined ? {} : { body: isForm ? body : JSON.stringify(body) }),
      });
      const bytes = Buffer.from(await answer.arrayBuffer());
      return {
        status: answer.status,
        headers: answer.headers,
        bytes,
        body: /json/.test(answer.headers.get('content-type') ?? '') ? JSON.parse(bytes.toString()) : null,
      };
    };
    const settled = async (id: string) => {
      await expect.poll(async () => (await ask('GET', `/media/${id}`)).body.media.status, { timeout: 60_000, interval: 50 }).toMatch(/ready|failed/);
      const { media } = (await ask('GET', `/media/${id}`)).body;
      expect(media.failure).toBeNull();
      return media;
    };
    const direct = async (fields: Record<string, string>) => {
      const form = new FormData();
      for (const [name, value] of Object.entries(fields)) form.append(name, value);
      form.append('file', new Blob([new Uint8Array(await picture())], { type: 'image/jpeg' }), 'photo.jpg');
      const answer = await ask('POST', '/media', form);
      expect(answer.status, JSON.stringify(answer.body)).toBeOneOf([201, 202]);
      return await settled(answer.body.media.id);
    };
    const clean = async (): Promise<void> => {
      const { body } = await ask('POST', '/admin/discrepancies', {});
      expect(body.discrepancies).toEqual([]);
    };

    test('goes straight to the provider, through processing, to a viewer, and is deleted without a trace', async () => {
      const bytes = await picture();
      const { body } = await ask('POST', '/media/upload/init', {
        collection: 'listing.photos',
        entityType: 'listing',
        entityId: 'walk',
        filename: 'a.jpg',
        contentType: 'image/jpeg',
        byteSize: bytes.length,
      });
      expect(new URL(body.uploadURL).origin).toBe(provider.origin ?? product.url);
      expect((await fetch(body.uploadURL, { method: 'PUT', headers: body.headers, body: new Uint8Array(bytes) })).ok).toBe(true);
      const completed = await ask('POST', '/media/upload/complete', { uploadId: body.uploadId });
      expect(completed.status).toBe(202);
      const media = await settled(completed.body.media.id);
      for (const { src } of Object.values<{ src: string }>(media.variants)) {
        const seen = await fetch(src);
        expect({ status: seen.status, format: (await sharp(Buffer.from(await seen.arrayBuffer())).metadata()).format }).toEqual({
          status: 200,
          format: 'webp',
        });
      }
      const part = await fetch(media.src, { headers: { range: 'bytes=0-3' } });
      expect({ status: part.status, bytes: Buffer.from(await part.arrayBuffer()).toString() }).toEqual({ status: 206, bytes: 'RIFF' });
      await clean();

      expect((await ask('DELETE', `/media/${media.id}?purge=now`)).status).toBe(200);
      expect((await fetch(media.src)).status).toBe(404);
      if (provider.final !== null) {
        const { final } = provider;
        await expect
          .poll(async () => (await final.list({ prefix: `media/${media.ownerId}/${media.id}/` })).objects, { timeout: 30_000, interval: 100 })
          .toEqual([]);
      }
      await clean();
    });

    test('sent directly is stored on the final store, and nothing stays on the staging store', async () => {
      const media = await direct({ collection: 'user.library' });
      const { final, staging } = provider;
      if (final !== null) {
        const prefix = `media/${media.ownerId}/${media.id}/`;
        const names = async (): Promise<string[]> => (await final.list({ prefix })).objects.map(({ key }) => key.split('/').at(-1) ?? '');
        await expect.poll(names, { timeout: 30_000, interval: 100 }).toContain('photo.jpg');
      }
      const download = await ask('GET', `${product.url}/download/${media.id}`);
      expect(download.status).toBe(200);
      expect((await sharp(download.bytes).metadata()).width).toBe(900);
      await clean();
      if (staging !== null) {
        // Remaining objects are waiting in the ledger to be removed, and the report above knows of nothing else.
        const { jobs } = (await ask('GET', '/jobs')).body;
        expect(jobs).toContainEqual(expect.objectContaining({ type: 'mirror', assetId: media.id, state: 'complete', progress: 1 }));
      }
    });

    test('in a redirecting collection is fetched from the provider itself, for a few minutes, and displayed inline', async () => {
      const media = await direct({ collection: 'redirected.photos', entityType: 'listing', entityId: 'elsewhere' });
      const answer = await fetch(media.src, { redirect: 'manual' });
      await answer.arrayBuffer();
      if (provider.origin === null) {
        // A store in memory has nobody else to send its bytes.
        expect(answer.status).toBe(200);
        return;
      }
      expect({ status: answer.status, cache: answer.headers.get('cache-control') }).toEqual({ status: 302, cache: 'private, no-store' });
      const location = answer.headers.get('location') ?? '';
      expect(new URL(location).origin).toBe(provider.origin);
      const bytes = await fetch(location, { headers: { range: 'bytes=0-3' } });
      expect({ status: bytes.status, type: bytes.headers.get('content-type'), disposition: bytes.headers.get('content-disposition') }).toEqual({
        status: 206,
        type: 'image/webp',
        disposition: expect.stringMatching(/^inline; filename="photo\.webp"/),
      });
      expect(await bytes.text()).toBe('RIFF');
      expect((await fetch(media.src, { method: 'HEAD', redirect: 'manual' })).status).toBe(200);
      expect((await fetch(location.replace(/walk|safelight-/, 'other-'))).status).toBeGreaterThanOrEqual(400);
      await ask('DELETE', `/media/${media.id}`);
      expect((await fetch(media.src, { redirect: 'manual' })).status).toBe(404);
    });
  });
});
