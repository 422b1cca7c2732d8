import { readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';

import { clientOf, type ProductClient } from './support/product-client.ts';
import { startProduct, type Product } from './support/product.ts';
import { aac, h264, makeClip, picture, tone, whyNoFfmpeg } from './support/recordings.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';

const why = whyNoFfmpeg();
const directory = await temporaryDirectory();
/** Everything that one process of the product uses. */
const jobDirectories = async ({ pid }: Product): Promise<string[]> => (await readdir(tmpdir())).filter((name) => name.startsWith(`safelight-motion-${pid}-`));
const config = path.resolve(import.meta.dirname, 'support/motion.config.ts');

/** The same with another recipe for its clips. */
const changedConfig = path.resolve(import.meta.dirname, 'support/changed-motion.config.ts');

async function start(dataDir?: string, file = config): Promise<{ product: Product; client: ProductClient }> {
  const product = await startProduct('start', { dataDir: dataDir ?? path.join(directory, 'data'), env: { SAFELIGHT_CONFIG: file } });
  return { product, client: clientOf(product) };
}

const send = async (client: ProductClient, file: string, collection = 'artist.films'): Promise<{ jobId: string; id: string }> => {
  const answer = await client.upload({ collection, entityType: 'artist', entityId: '42' }, await readFile(file), path.basename(file), 'video/mp4');
  expect(answer.status, answer.bytes.toString()).toBe(202);
  const { jobId, media } = answer.body;
  return { jobId, id: media.id };
};

const anonymous = async (url: string, headers: Record<string, string> = {}): Promise<Response> => await fetch(url, { headers });
const text = async (url: string): Promise<string> => {
  const answer = await anonymous(url);
  expect(answer.status, url).toBe(200);
  return await answer.text();
};
const addressesIn = (playlist: string): string[] => playlist.split('\n').filter((line) => line.startsWith('http'));
/** Takes some seconds to encode on any machine, so that tests can interrupt it. */
const longClip = async (name: string): Promise<string> => await makeClip(directory, name, [...picture(40, '1280x720'), ...h264, '-pix_fmt', 'yuv444p']);

describe.skipIf(why !== null)(`videos from upload to player${why === null ? '' : ` (${why})`}`, () => {
  let client: ProductClient;
  let product: Product;
  beforeAll(async () => {
    ({ client, product } = await start());
    return async () => void (await product.stop());
  });

  test('a clip first gets its poster, then a stream in ranges, a storyboard with times, and sizes to choose from', async () => {
    const file = await makeClip(directory, 'clip.mp4', [...picture(9, '1280x720'), ...tone(9), ...h264, ...aac, '-shortest']);
    const { id } = await send(client, file);
    const media = await client.settled(id);
    expect(media).toMatchObject({ kind: 'video', status: 'ready', published: true, failure: null, width: 1280, height: 720 });
    expect(Object.keys(media.variants).toSorted()).toEqual(['poster', 'poster_small', 'preview', 'storyboard', 'stream']);
    expect(media.src).toBe(media.variants['stream']?.src);
    expect(media.thumbnailSrc).toBe(media.variants['poster_small']?.src);
    expect(media.srcSet).toBeNull();
    const part = await anonymous(media.src ?? '', { range: 'bytes=100-199' });
    expect([part.status, part.headers.get('content-type'), (await part.arrayBuffer()).byteLength]).toEqual([206, 'video/mp4', 100]);

    const times = await text(media.storyboard?.vttSrc ?? '');
    expect(times).toMatch(/^WEBVTT\n\n00:00:00\.000 --> 00:00:01\.000\nhttp\S+#xywh=0,0,160,90\n/);
    expect(times.match(/-->/g)).toHaveLength(9);
    expect((await anonymous(media.storyboard?.src ?? '')).headers.get('content-type')).toBe('image/jpeg');

    const master = await text(media.hlsSrc ?? '');
    expect(master).toMatch(/^#EXTM3U\n#EXT-X-VERSION:7\n/);
    const sizes = [
      ...master.matchAll(
        /#EXT-X-STREAM-INF:BANDWIDTH=(\d+),AVERAGE-BANDWIDTH=(\d+),CODECS="avc1\.[0-9a-f]{6},mp4a\.40\.2",RESOLUTION=(\S+?),FRAME-RATE=30\.000,AUDIO="sound"/g,
      ),
    ];
    expect(sizes.map(([, , , size]) => size)).toEqual(['1280x720', '854x480', '640x360']);
    for (const [, peak, average] of sizes) expect(Number(peak)).toBeGreaterThanOrEqual(Number(average));
    for (const address of addressesIn(master)) {
      const playlist = await text(address);
      const [, target] = /#EXT-X-TARGETDURATION:(\d+)/.exec(playlist) ?? [];
      for (const [, seconds] of playlist.matchAll(/#EXTINF:([\d.]+)/g)) expect(Math.round(Number(seconds))).toBeLessThanOrEqual(Number(target));
      const [, length, offset] = /#EXT-X-MAP:URI="[^"]+",BYTERANGE="(\d+)@(\d+)"/.exec(playlist) ?? [];
      const [bytes] = addressesIn(playlist);
      const init = await anonymous(bytes ?? '', { range: `bytes=${offset}-${Number(offset) + Number(length) - 1}` });
      expect(Buffer.from(await init.arrayBuffer()).toString('latin1', 4, 8)).toBe('ftyp');
      for (const [, partLength, partOffset] of playlist.matchAll(/#EXT-X-BYTERANGE:(\d+)@(\d+)/g)) {
        const segment = await anonymous(bytes ?? '', { range: `bytes=${partOffset}-${Number(partOffset) + Number(partLength) - 1}` });
        expect(Buffer.from(await segment.arrayBuffer()).toString('latin1', 4, 8)).toMatch(/moof|styp|sidx/);
      }
    }
  });

  test('behind a closed gate its owner plays it by signed URLs, nobody else can, and a moderator sees poster and storyboard', async () => {
    const file = await makeClip(directory, 'gated.mp4', [...picture(3, '640x360'), ...h264]);
    const { id } = await send(client, file, 'artist.reviewed');
    const waiting = await client.settled(id);
    expect(waiting).toMatchObject({ status: 'ready', review: 'queued', published: false });
    const { body } = await client.ask('GET', '/review/queue');
    const queued = body.media.find((one: { id: string }) => one.id === id);
    expect(queued.variants).toMatchObject({ poster: { mimeType: 'image/webp' }, storyboard: { mimeType: 'image/jpeg' } });
    // The signature is in the path, so that it also covers the relative names in a playlist.
    expect(waiting.hlsSrc).toMatch(/\/s\/[\w.-]+\/[\w-]+\/index\.m3u8$/);
    const named = async (address: string): Promise<string> => {
      const [relative = ''] = (await text(address)).match(/\.\.\/[^"\s]+/) ?? [];
      return new URL(relative, address).href;
    };
    const playlist = await named(waiting.hlsSrc ?? '');
    const bytes = await named(playlist);
    expect((await anonymous(bytes, { range: 'bytes=0-9' })).status).toBe(206);
    for (const address of [waiting.hlsSrc ?? '', playlist, bytes]) {
      const { origin, pathname } = new URL(address);
      const [, , signature = ''] = pathname.split('/');
      for (const altered of [
        pathname.replace(`/s/${signature}`, '/media'),
        pathname.replace(signature, `${signature.slice(0, -1)}x`),
        pathname.replace(signature, 'x'),
      ])
        expect((await anonymous(origin + altered)).status, altered).toBe(404);
    }
    // It opens the parts of this stream, and nothing else of this or another video.
    const [, , signature = ''] = new URL(bytes).pathname.split('/');
    const source = new URL(waiting.storyboard?.src ?? '').pathname.split('/')[2] ?? '';
    expect((await anonymous(new URL(`/s/${signature}/${source}`, bytes).href)).status).toBe(404);
    for (const address of [waiting.storyboard?.vttSrc, waiting.storyboard?.src])
      expect((await anonymous((address ?? '').split('?', 1)[0] ?? '')).status, address ?? '').toBe(404);
    expect((await client.ask('POST', `/media/${id}/review`, { decision: 'approved' })).status).toBe(200);
    const shown = await client.media(id);
    expect(shown.published).toBe(true);
    expect(shown.hlsSrc).toMatch(/\/media\/[\w-]+\/index\.m3u8$/);
    // A signed URL from the time when it was hidden plays until it expires.
    expect((await anonymous(waiting.hlsSrc ?? '')).status).toBe(200);
    expect(addressesIn(await text(shown.hlsSrc ?? '')).some((address) => address.includes('signature'))).toBe(false);
  });

  test('captions arrive as SRT and are delivered as WebVTT, one for each language, until they are deleted', async () => {
    const { id } = await send(client, await makeClip(directory, 'said.mp4', [...picture(1), ...h264]), 'artist.media');
    expect((await client.settled(id)).captions).toEqual([]);
    const srt = '1\n00:00:00,000 --> 00:00:01,000\nGood evening.\n';
    const put = await client.ask('PUT', `/media/${id}/captions/pt-BR`, { text: srt, label: 'Português' });
    expect(put.status, put.bytes.toString()).toBe(200);
    const [captions] = put.body.media.captions;
    expect(captions).toMatchObject({ language: 'pt-BR', label: 'Português' });
    const sent = await anonymous(captions.src);
    expect(sent.headers.get('content-type')).toBe('text/vtt');
    expect(await sent.text()).toBe('WEBVTT\n\n00:00:00.000 --> 00:00:01.000\nGood evening.\n');
    const again = await client.ask('PUT', `/media/${id}/captions/pt-BR`, { text: srt });
    expect(again.body.media.captions).toHaveLength(1);
    expect((await anonymous(captions.src)).status).toBe(404);
    expect((await client.ask('PUT', `/media/${id}/captions/en`, { text: 'no captions' })).status).toBe(400);
    const without = await client.ask('DELETE', `/media/${id}/captions/pt-BR`);
    expect(without.body.media.captions).toEqual([]);
    const absent = await client.ask('DELETE', `/media/${id}/captions/pt-BR`);
    expect([absent.status, absent.body.media.version]).toEqual([200, without.body.media.version]);
    await client.expectClean();
  });

  test('a video that is cancelled during its encoding has failed as cancelled, leaves neither object nor file, and can be retried', async () => {
    const { id, jobId } = await send(client, await longClip('cancelled.mp4'), 'artist.media');
    await expect.poll(async () => (await client.media(id)).thumbnailSrc, { timeout: 60_000, interval: 50 }).not.toBeNull();
    await expect.poll(async () => (await client.job(jobId)).message, { timeout: 60_000, interval: 50 }).toBe('encoding');
    expect((await client.ask('DELETE', `/jobs/${jobId}`)).status).toBeLessThan(300);
    const failed = await client.settled(id);
    expect(failed).toMatchObject({ status: 'failed', failure: { code: 'cancelled', retryable: true }, variants: {}, thumbnailSrc: null });
    await expect.poll(async () => await jobDirectories(product)).toEqual([]);
    await client.expectClean();
    expect((await client.ask('POST', `/media/${id}/retry`)).status).toBe(202);
    await expect.poll(async () => (await client.media(id)).status, { timeout: 30_000 }).toBe('processing');
    await client.ask('DELETE', `/media/${id}?purge=now`);
  });

  test('stages that were completed before the process was killed are not repeated', async () => {
    const dataDir = path.join(directory, 'killed');
    const first = await start(dataDir);
    const { id } = await send(first.client, await longClip('killed.mp4'), 'artist.media');
    await expect.poll(async () => (await first.client.media(id)).thumbnailSrc, { timeout: 60_000, interval: 50 }).not.toBeNull();
    const tokenOf = (src: string | undefined): string => /\/media\/([\w-]+)/.exec(src ?? '')?.[1] ?? '';
    const before = tokenOf((await first.client.media(id)).variants['poster']?.src);
    await delay(500);
    await first.product.stop('SIGKILL');
    const second = await start(dataDir);
    onTestFinished(async () => void (await second.product.stop()));
    await expect.poll(async () => (await second.client.media(id)).status, { timeout: 110_000, interval: 200 }).toBe('ready');
    const { variants } = await second.client.media(id);
    expect(tokenOf(variants['poster']?.src)).toBe(before);
    expect(Object.keys(variants).toSorted()).toEqual(['poster', 'poster_small', 'preview', 'storyboard', 'stream']);
    await second.client.expectClean();
    await expect.poll(async () => [...(await jobDirectories(first.product)), ...(await jobDirectories(second.product))]).toEqual([]);
  });

  test('a video that is reprocessed plays as before until the new one is ready, even if the process that makes it dies', async () => {
    const dataDir = path.join(directory, 'renewed');
    const first = await start(dataDir);
    const { id } = await send(first.client, await makeClip(directory, 'renewed.mp4', [...picture(20, '1280x720'), ...h264]), 'artist.media');
    const before = await first.client.settled(id);
    expect(before.processing).toMatchObject({ mode: 'remux' });
    await first.product.stop();

    const plays = async ({ client }: { client: ProductClient }): Promise<void> => {
      const { src, version } = await client.media(id);
      expect([version, (await anonymous(src ?? '', { range: 'bytes=0-9' })).status]).toEqual([before.version, 206]);
    };
    const second = await start(dataDir, changedConfig);
    const begun = await second.client.ask('POST', `/media/${id}/reprocess`);
    expect(begun.status).toBe(202);
    await expect.poll(async () => (await second.client.job(begun.body.jobId)).message, { timeout: 60_000, interval: 20 }).toBe('encoding');
    await plays(second);
    await second.product.stop('SIGKILL');
    const third = await start(dataDir, changedConfig);
    onTestFinished(async () => void (await third.product.stop()));
    await plays(third);
    await expect.poll(async () => (await third.client.job(begun.body.jobId)).state, { timeout: 110_000, interval: 200 }).toBe('complete');
    const after = await third.client.media(id);
    expect(after).toMatchObject({ status: 'ready', processing: { mode: 'encode', reencodeReasons: ['configured'] } });
    expect((await anonymous(after.src ?? '', { range: 'bytes=0-9' })).status).toBe(206);
    expect((await anonymous(new URL(new URL(before.src ?? '').pathname, third.product.url).href)).status).toBe(404);
    await third.client.expectClean();
    await expect.poll(async () => [...(await jobDirectories(second.product)), ...(await jobDirectories(third.product))]).toEqual([]);
  });
});
