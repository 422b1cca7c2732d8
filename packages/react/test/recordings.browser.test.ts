import { readFile } from 'node:fs/promises';
import path from 'node:path';

import type { Media } from '@safelight/client';
import type { Browser, Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';

import { expectNoAxeViolations } from '../../server/test/support/browser.ts';
import { describeInBrowser } from '../../server/test/support/describe-in-browser.ts';
import { playFrom } from '../../server/test/support/play-in-page.ts';
import { clientOf, type ProductClient } from '../../server/test/support/product-client.ts';
import type { Product } from '../../server/test/support/product.ts';
import { openProductInBrowser } from '../../server/test/support/product-in-browser.ts';
import { aac, h264, makeClip, picture, tone, whyNoFfmpeg } from '../../server/test/support/recordings.ts';
import { temporaryDirectory } from '../../server/test/support/temporary-directory.ts';
import { buildKit, openKit, show, type Kit, type OpenKit } from './open-kit.ts';

const why = whyNoFfmpeg();
const directory = await temporaryDirectory();
const config = path.resolve(import.meta.dirname, '../../server/test/support/motion.config.ts');

describe.skipIf(why !== null)(`recordings by the kit${why === null ? '' : ` (${why})`}`, () => {
  describeInBrowser('MediaVideo and MediaAudio', () => {
    let product: Product;
    let client: ProductClient;
    let browser: Browser;
    let kit: Kit;
    let clip: Buffer;
    beforeAll(async () => {
      const make = makeClip(directory, 'clip.mp4', [...picture(8, '854x480'), ...tone(8), ...h264, ...aac, '-shortest']);
      const [opened, ...built] = await Promise.all([
        openProductInBrowser({ dataDir: path.join(directory, 'data'), env: { SAFELIGHT_CONFIG: config } }),
        buildKit(),
        make.then(async (file) => await readFile(file)),
      ]);
      ({ product, browser } = opened);
      [kit, clip] = built;
      client = clientOf(product);
      return opened.close;
    });

    const send = async (bytes: Buffer, name: string, type: string, collection: string): Promise<Media> =>
      await client.settled((await client.upload({ collection, entityType: 'artist', entityId: '42' }, bytes, name, type)).body.media.id);
    async function open(props: Record<string, unknown>, context: OpenKit['context'] = {}): Promise<Page> {
      const page = await openKit({ product, browser, kit, context });
      await show(page, 'RecordingPage', props);
      await page.getByRole('heading', { level: 1 }).waitFor();
      return page;
    }

    test('a video shows its poster and its captions, plays its stream, and has an accessible name', async () => {
      const media = await send(clip, 'sea.mp4', 'video/mp4', 'artist.media');
      const text = 'WEBVTT\n\n00:00:00.000 --> 00:00:08.000\nGood evening.\n';
      const captioned = (await client.ask('PUT', `/media/${media.id}/captions/en`, { text, label: 'English' })).body.media as Media;
      const page = await open({ media: captioned });
      expect(await page.locator('video').getAttribute('aria-label')).toBe('sea.mp4');
      const posterSize = await page.evaluate(async () => {
        const poster = new Image();
        poster.src = document.querySelector('video')?.poster ?? '';
        await poster.decode();
        return [poster.naturalWidth, poster.naturalHeight];
      });
      expect(posterSize).toEqual([854, 480]);
      expect(await playFrom(page, 5)).toMatchObject({ width: 854, height: 480, error: null });
      await expect
        .poll(async () => await page.evaluate(() => [...(document.querySelector('video')?.textTracks ?? [])].map((track) => track.cues?.length ?? 0)))
        .toContain(1);
      await expect.poll(() => page.evaluate(() => document.querySelector('video')?.textTracks[1]?.activeCues?.length)).toBe(1);
      await expectNoAxeViolations(page);
    });

    test('a video of several sizes plays, whether the browser supports HLS or falls back to the file', async () => {
      const media = await send(clip, 'sizes.mp4', 'video/mp4', 'artist.films');
      expect(media.hlsSrc).not.toBeNull();
      const page = await open({ media });
      const played = await playFrom(page, 5);
      expect(played.error).toBeNull();
      expect(played.at).toBeGreaterThan(5.4);
      expect(played.frames).toBeGreaterThan(0);
      expect([360, 480]).toContain(played.height);
    });

    test('a preview plays by itself, silently and in a loop, except for people who want no movement, who can start it', async () => {
      const media = await send(clip, 'loop.mp4', 'video/mp4', 'artist.media');
      const page = await open({ media, preview: true }, { reducedMotion: 'no-preference' });
      await expect.poll(async () => await page.evaluate(() => document.querySelector('video')?.currentTime)).toBeGreaterThan(0.2);
      expect(await page.evaluate(() => [document.querySelector('video')?.muted, document.querySelector('video')?.loop])).toEqual([true, true]);
      const still = await open({ media, preview: true });
      expect(await still.evaluate(() => [document.querySelector('video')?.autoplay, document.querySelector('video')?.controls])).toEqual([false, true]);
    });

    test.each(['light', 'dark'] as const)('a sound is played over its waveform and moved by the keyboard alone, %s', async (colorScheme) => {
      const file = await makeClip(directory, `tone-${colorScheme}.flac`, [...tone(24)]);
      const media = await send(await readFile(file), 'tone.flac', 'audio/flac', 'artist.media');
      const page = await open({ media }, { colorScheme });
      await page.locator('.sl-wave path').waitFor({ state: 'attached' });
      await page.getByText('0:00 / 0:24').waitFor();
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await page.getByRole('button', { name: 'Pause' }).waitFor();
      await expect.poll(async () => await page.evaluate(() => document.querySelector('audio')?.currentTime)).toBeGreaterThan(0.3);
      await page.keyboard.press('Enter');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Home');
      await page.keyboard.press('ArrowRight');
      await page.getByText('0:01 / 0:24').waitFor();
      await page.keyboard.press('End');
      await expect.poll(async () => await page.evaluate(() => document.querySelector('audio')?.currentTime)).toBeGreaterThan(23.5);
      await expectNoAxeViolations(page);
    });
  });
});
