import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import path from 'node:path';

import type { Media } from '@safelight/contract/media';
import { beforeAll, describe, expect, test } from 'vitest';

import { assetStream } from '../src/delivery/media-urls.ts';
import { createSigning } from '../src/lib/signing.ts';
import { clientOf, type ProductClient } from './support/product-client.ts';
import { startProduct, type Product } from './support/product.ts';
import { aac, h264, makeClip, picture, tone, whyNoFfmpeg } from './support/recordings.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';

const why = whyNoFfmpeg();
const directory = await temporaryDirectory();
const secret = 'k'.repeat(40);

const signing = createSigning([{ id: 'k1', secret }]);

const short = async (name: string, size = '640x360'): Promise<string> =>
  await makeClip(directory, name, [...picture(3, size), ...tone(3), ...h264, ...aac, '-shortest']);
/** Takes some seconds to encode on any machine, in several sizes. */
const long = async (name: string): Promise<string> => await makeClip(directory, name, [...picture(12, '854x480'), ...h264, '-pix_fmt', 'yuv444p']);

/** Sent as written: `fetch` would normalise the path. */
async function statusOf(origin: string, rawPath: string): Promise<number> {
  return await new Promise((resolve, reject) => {
    const { hostname, port } = new URL(origin);
    const asked = request({ hostname, port, path: rawPath }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    asked.once('error', reject).end();
  });
}
const opens = async (src: string): Promise<number> => {
  const answer = await fetch(src, { headers: { range: 'bytes=0-9' } });
  await answer.arrayBuffer();
  return answer.status;
};
const openAddress = (src: string): string => {
  const { origin, pathname } = new URL(src);
  return origin + pathname;
};

describe.skipIf(why !== null)(`a video at its place${why === null ? '' : ` (${why})`}`, () => {
  let client: ProductClient;
  let product: Product;
  beforeAll(async () => {
    product = await startProduct('start', {
      dataDir: path.join(directory, 'data'),
      env: { SAFELIGHT_CONFIG: path.resolve(import.meta.dirname, 'support/motion.config.ts'), SAFELIGHT_SIGNING_KEYS: `k1:${secret}` },
    });
    client = clientOf(product);
    return async () => void (await product.stop());
  });

  const add = async (file: string, entityId: string, collection = 'artist.films'): Promise<Media> => {
    const answer = await client.upload({ collection, entityType: 'artist', entityId }, await readFile(file), path.basename(file), 'video/mp4');
    expect(answer.status, answer.bytes.toString()).toBe(202);
    return answer.body.media as Media;
  };
  const replace = async (id: string, file: string): Promise<Media> => {
    const form = new FormData();
    form.append('file', new Blob([new Uint8Array(await readFile(file))], { type: 'video/mp4' }), path.basename(file));
    const answer = await client.ask('POST', `/media/${id}/replacement`, form);
    expect(answer.status, answer.bytes.toString()).toBe(202);
    return answer.body.media as Media;
  };
  /** What a visitor sees. */
  const shown = async (entityId: string): Promise<Media[]> => {
    const answer = await fetch(`${product.url}/v1/entities/artist/${entityId}/media?collection=artist.films`);
    expect(answer.status).toBe(200);
    return ((await answer.json()) as { media: Media[] }).media;
  };

  test(
    'that is being replaced is shown alone until all of the new one is there, in every stage of its making, and then never again',
    { timeout: 240_000 },
    async () => {
      const before = await add(await short('before.mp4'), 'stage');
      expect(await client.settled(before.id)).toMatchObject({ status: 'ready', published: true, durationMs: 3000 });
      const [old] = await shown('stage');
      const oldParts = [...Object.values(old?.variants ?? {}).map(({ src }) => src), old?.hlsSrc ?? ''];
      const next = await replace(before.id, await long('after.mp4'));
      const met = new Set<string>();
      for (let isNew = false; !isNew;) {
        const current = await client.media(next.id);
        const parts = Object.values(current.variants).map(({ src }) => src);
        const newOpen = await Promise.all(parts.map(async (src) => await opens(openAddress(src))));
        const oldOpen = await Promise.all(oldParts.map(opens));
        const [visible, ...others] = await shown('stage');
        expect(others).toEqual([]);
        isNew = visible?.id === next.id;
        // By now the new one may have taken the place; a request before that saw the old one.
        if (isNew) break;
        expect(visible).toEqual(old);
        expect(newOpen, JSON.stringify(Object.keys(current.variants))).toEqual(newOpen.map(() => 404));
        expect(
          oldOpen.every((status) => status === 200 || status === 206),
          oldOpen.join(),
        ).toBe(true);
        for (const role of Object.keys(current.variants)) met.add(role);
        expect(current.status).not.toBe('failed');
      }
      expect([...met]).toEqual(expect.arrayContaining(['poster', 'stream']));
      const [now] = await shown('stage');
      expect(now).toMatchObject({ id: next.id, durationMs: 12_000 });
      expect(await Promise.all(oldParts.map(opens))).toEqual(oldParts.map(() => 404));
      for (const { src } of Object.values(now?.variants ?? {})) expect([200, 206]).toContain(await opens(src));
      await expect.poll(async () => (await client.ask('POST', '/admin/discrepancies', {})).body.discrepancies, { timeout: 30_000 }).toEqual([]);
    },
  );

  test('that is replaced while it is being encoded is never shown, and nothing of it stays', { timeout: 240_000 }, async () => {
    const first = await add(await short('first.mp4'), 'midway');
    await client.settled(first.id);
    const slow = await replace(first.id, await long('slow.mp4'));
    await expect.poll(async () => (await client.media(slow.id)).thumbnailSrc, { timeout: 60_000, interval: 50 }).not.toBeNull();
    const posters = Object.values((await client.media(slow.id)).variants).map(({ src }) => openAddress(src));
    const quick = await replace(first.id, await short('quick.mp4', '480x270'));
    await expect.poll(async () => (await shown('midway')).map(({ id }) => id), { timeout: 200_000, interval: 100 }).toEqual([quick.id]);
    // Nobody waits for it any more: its job ends, and its outputs are removed.
    await expect.poll(async () => (await client.ask('GET', `/media/${slow.id}`)).status, { timeout: 60_000, interval: 100 }).toBe(404);
    expect(await Promise.all(posters.map(opens))).toEqual(posters.map(() => 404));
    const [only] = await shown('midway');
    expect(only).toMatchObject({ id: quick.id, durationMs: 3000, width: 480, height: 270 });
    await expect.poll(async () => (await client.ask('POST', '/admin/discrepancies', {})).body.discrepancies, { timeout: 30_000 }).toEqual([]);
  });

  test('answers every altered URL of a signed stream as not found, and an expired one as gone', async () => {
    const [mine, other] = [await add(await short('mine.mp4'), 'a', 'artist.reviewed'), await add(await short('other.mp4'), 'b', 'artist.reviewed')];
    const [{ hlsSrc }, { hlsSrc: otherSrc }] = [await client.settled(mine.id), await client.settled(other.id)];
    const { origin, pathname } = new URL(hlsSrc ?? '');
    const [, , signature = '', token = ''] = pathname.split('/');
    const [, , otherSignature = '', otherToken = ''] = new URL(otherSrc ?? '').pathname.split('/');
    expect(await statusOf(origin, pathname)).toBe(200);
    const at = (milliseconds: number): Date => new Date(Date.now() + milliseconds);
    expect(await statusOf(origin, `/s/${signing.sign(assetStream, [mine.id], at(60_000))}/${token}`)).toBe(200);
    const [key, expires, mac] = signature.split('.');
    const later = (Number.parseInt(expires ?? '', 36) + 3600).toString(36);
    const altered = [
      // Valid for too long, for another purpose, for another video, unsigned.
      `/s/${key}.${later}.${mac}/${token}/index.m3u8`,
      `/s/${signing.sign('asset-preview', [mine.id], at(60_000))}/${token}/index.m3u8`,
      `/s/${otherSignature}/${token}/index.m3u8`,
      `/s/${signature}/${otherToken}/index.m3u8`,
      `/s/${signature}/${otherToken}`,
      `/s//${token}/index.m3u8`,
      // Paths that leave its directory.
      `/s/${signature}/../../media/${token}/index.m3u8`,
      `/s/${signature}/..%2f..%2fmedia%2f${token}`,
      `/s/${signature}/${token}/..%2f${otherToken}`,
      `/s/${signature}/${token}/../${otherToken}`,
      `/s/${signature}/${token}/%2e%2e/${otherToken}/playlist.m3u8`,
      `/s/${signature}/${token}/hls_360.mp4`,
      `/s/${signature}/${token}/storyboard.vtt`,
      `/s/${signature}/${token}%00/index.m3u8`,
    ];
    for (const address of altered) expect([address, await statusOf(origin, address)]).toEqual([address, 404]);
    expect(await statusOf(origin, `/s/${signing.sign(assetStream, [mine.id], at(-1000))}/${token}/index.m3u8`)).toBe(410);
  });
});
