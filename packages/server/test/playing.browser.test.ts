import { readFile } from 'node:fs/promises';
import path from 'node:path';

import type HlsPlayer from 'hls.js';
import type { Media } from '@safelight/contract/media';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';

import { openBrowser } from './support/browser.ts';
import { describeInBrowser } from './support/describe-in-browser.ts';
import { playFrom } from './support/play-in-page.ts';
import { clientOf, type ProductClient } from './support/product-client.ts';
import { startProduct, type Product } from './support/product.ts';
import { aac, h264, makeClip, picture, tone, whyNoFfmpeg } from './support/recordings.ts';
import { servePage, type ServedPage } from './support/serve-page.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';

const why = whyNoFfmpeg();
const directory = await temporaryDirectory();
const config = path.resolve(import.meta.dirname, 'support/motion.config.ts');
/** 5 Mb/s, which are kept, so that a browser does not read all of it before a test seeks. */
const noisy = ['-vf', 'noise=alls=40:allf=t', ...h264, '-b:v', '5M', '-maxrate', '6M', '-bufsize', '6M'];

describe.skipIf(why !== null)(`recordings in a browser${why === null ? '' : ` (${why})`}`, () => {
  describeInBrowser('what a page of another origin plays', () => {
    let product: Product;
    let client: ProductClient;
    let browser: Browser;
    let elsewhere: ServedPage;
    beforeAll(async () => {
      [product, browser, elsewhere] = await Promise.all([
        startProduct('start', { dataDir: path.join(directory, 'data'), env: { SAFELIGHT_CONFIG: config } }),
        openBrowser(),
        servePage('Cinema', `import Hls from 'hls.js'; globalThis.Hls = Hls;`),
      ]);
      client = clientOf(product);
    });
    afterAll(async () => {
      await Promise.all([browser?.close(), product?.stop(), elsewhere?.close()]);
    });

    const send = async (file: string, type: string, collection = 'artist.media'): Promise<Media> => {
      const answer = await client.upload({ collection, entityType: 'artist', entityId: '42' }, await readFile(file), path.basename(file), type);
      expect(answer.status, answer.bytes.toString()).toBe(202);
      const media = await client.settled(answer.body.media.id);
      expect(media).toMatchObject({ status: 'ready' });
      return media;
    };
    /** A page, and its requests to the product, with their URL and status. */
    async function open(): Promise<{ page: Page; asked: { url: string; from: number | null; status: number }[] }> {
      const page = await browser.newPage();
      onTestFinished(async () => await page.close());
      const asked: { url: string; from: number | null; status: number }[] = [];
      page.on('response', (response) => {
        if (!response.url().startsWith(product.url)) return;
        const from = /^bytes=(\d+)-/.exec(response.request().headers()['range'] ?? '')?.[1];
        asked.push({ url: response.url(), from: from === undefined ? null : Number(from), status: response.status() });
      });
      await page.goto(elsewhere.url);
      return { page, asked };
    }
    const put = async (page: Page, tag: 'video' | 'audio', src: string | null): Promise<void> =>
      await page.evaluate(
        ({ tag, src }) => {
          const player = document.createElement(tag);
          player.crossOrigin = 'anonymous';
          player.preload = 'metadata';
          if (src !== null) player.src = src;
          document.body.append(player);
        },
        { tag, src },
      );

    test('a video is read in ranges, from where it is played', async () => {
      const file = await makeClip(directory, 'ranges.mp4', [...picture(24, '640x360'), ...tone(24), ...noisy, ...aac, '-shortest']);
      const media = await send(file, 'video/mp4');
      expect(media.processing).toMatchObject({ mode: 'remux' });
      const { page, asked } = await open();
      await put(page, 'video', media.src);
      const first = await playFrom(page, 0);
      expect(first).toMatchObject({ width: 640, height: 360, error: null });
      expect(first.duration).toBeCloseTo((media.durationMs ?? 0) / 1000, 0);
      const later = await playFrom(page, 20);
      expect(later.error).toBeNull();
      expect(later.at).toBeGreaterThan(20.4);
      expect(later.frames).toBeGreaterThan(first.frames);
      expect(later.soundBytes).toBeGreaterThan(0);
      expect(new Set(asked.map(({ status }) => status))).toEqual(new Set([206]));
      // The bytes before were not all read: the browser asked again, far behind the beginning.
      expect(Math.max(...asked.map(({ from }) => from ?? 0))).toBeGreaterThan(5_000_000);
    });

    test.each<[string, string, string[]]>([
      ['encoded from FLAC', 'audio/flac', ['-c:a', 'flac']],
      ['MP3 that stayed as it was', 'audio/mpeg', ['-c:a', 'libmp3lame', '-b:a', '128k']],
    ])('a sound is played and sought: %s', async (_what, type, codec) => {
      const file = await makeClip(directory, `sound.${type === 'audio/flac' ? 'flac' : 'mp3'}`, [...tone(20), ...codec]);
      const media = await send(file, type);
      const { page, asked } = await open();
      await put(page, 'audio', media.src);
      const first = await playFrom(page, 0);
      expect(first.error).toBeNull();
      expect(first.duration).toBeCloseTo(20, 0);
      const later = await playFrom(page, 15);
      expect(later.at).toBeGreaterThan(15.4);
      expect(later.soundBytes).toBeGreaterThan(first.soundBytes);
      expect(new Set(asked.map(({ status }) => status))).toEqual(new Set([206]));
    });

    test('hls.js plays every size of a video behind its gate by signed playlists, seeks, and plays its sound', { timeout: 180_000 }, async () => {
      const file = await makeClip(directory, 'sizes.mp4', [...picture(10, '854x480'), ...tone(10), ...h264, ...aac, '-shortest']);
      const media = await send(file, 'video/mp4', 'artist.reviewed');
      expect(media.published).toBe(false);
      const { page, asked } = await open();
      await put(page, 'video', null);
      const heights = await page.evaluate(async (src) => {
        const { Hls } = globalThis as unknown as { Hls: typeof HlsPlayer };
        const hls = new Hls({ enableWorker: false });
        const faults: string[] = [];
        // Errors that it recovers from by itself, such as an aborted part after a change of size, do not count.
        hls.on(Hls.Events.ERROR, (_event, { details, fatal }) => void (fatal && faults.push(details)));
        Object.assign(globalThis, { hls, faults });
        hls.loadSource(src);
        hls.attachMedia(document.querySelector('video') as HTMLVideoElement);
        await new Promise((resolve) => hls.once(Hls.Events.MANIFEST_PARSED, resolve));
        return hls.levels.map(({ height }) => height);
      }, media.hlsSrc ?? '');
      expect(heights.toSorted((a, b) => a - b)).toEqual([360, 480]);
      for (const [level, height] of heights.entries()) {
        await page.evaluate((at) => void ((globalThis as unknown as { hls: { currentLevel: number } }).hls.currentLevel = at), level);
        const from = await playFrom(page, 1);
        expect(from.error).toBeNull();
        // Frames that were loaded when another size was chosen may be shown first.
        let to = await playFrom(page, 7);
        await expect.poll(async () => (to = await playFrom(page, 7)).height, { timeout: 60_000 }).toBe(height);
        expect(to.error).toBeNull();
        expect(to.frames).toBeGreaterThan(from.frames);
        expect(to.soundBytes).toBeGreaterThan(0);
      }
      expect(await page.evaluate(() => (globalThis as unknown as { faults: string[] }).faults)).toEqual([]);
      // Few objects, read in parts: each rendition and the sound by ranges, each URL signed.
      for (const { url } of asked) expect(new URL(url).pathname).toMatch(/^\/s\/[^/]+\/[^/]+/);
      const parts = asked.filter(({ from }) => from !== null);
      expect(new Set(parts.map(({ status }) => status))).toEqual(new Set([206]));
      expect(new Set(parts.map(({ url }) => new URL(url).pathname)).size).toBe(3);
      const unsigned = await page.evaluate(async (src) => (await fetch(src)).status, (media.hlsSrc ?? '').replace(/\/s\/[^/]+\//, '/media/'));
      expect(unsigned).toBe(404);
    });
  });
});
