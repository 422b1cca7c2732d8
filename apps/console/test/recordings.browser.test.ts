import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';

import type { Media } from '@safelight/contract/media';
import type { Browser, Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';

import { expectNoAxeViolations } from '../../../packages/server/test/support/browser.ts';
import { describeInBrowser } from '../../../packages/server/test/support/describe-in-browser.ts';
import { playFrom } from '../../../packages/server/test/support/play-in-page.ts';
import { clientOf, type ProductClient } from '../../../packages/server/test/support/product-client.ts';
import type { Product } from '../../../packages/server/test/support/product.ts';
import { openProductInBrowser } from '../../../packages/server/test/support/product-in-browser.ts';
import { aac, h264, makeClip, picture, tone, whyNoFfmpeg } from '../../../packages/server/test/support/recordings.ts';
import { temporaryDirectory } from '../../../packages/server/test/support/temporary-directory.ts';
import { chooseDestination, dropFiles, openConsole, wordsOf } from './open-console.ts';

const why = whyNoFfmpeg();
const directory = await temporaryDirectory();
const config = path.resolve(import.meta.dirname, '../../../packages/server/test/support/motion.config.ts');

describe.skipIf(why !== null)(`recordings in the console${why === null ? '' : ` (${why})`}`, () => {
  describeInBrowser('the player', () => {
    let product: Product;
    let client: ProductClient;
    let browser: Browser;
    beforeAll(async () => {
      const opened = await openProductInBrowser({ dataDir: path.join(directory, 'data'), env: { SAFELIGHT_CONFIG: config } });
      ({ product, browser } = opened);
      client = clientOf(product);
      return opened.close;
    });

    const send = async (file: string, type: string, collection: string): Promise<Media> => {
      const answer = await client.upload({ collection, entityType: 'artist', entityId: randomUUID() }, await readFile(file), path.basename(file), type);
      return await client.settled(answer.body.media.id);
    };
    /** Moves the slider to a position by the keyboard, and returns the positions of the player and of the storyboard picture. */
    const scrub = async (page: Page, presses: number) => {
      const slider = page.getByRole('slider', { name: 'Moment of the video' });
      await slider.focus();
      await page.keyboard.press('Home');
      for (let press = 0; press < presses; press++) await page.keyboard.press('ArrowRight');
      return {
        says: await slider.getAttribute('aria-valuetext'),
        at: await page.evaluate(() => document.querySelector('video')?.currentTime),
        tile: await page.locator('.storyboard-picture').evaluate((picture) => getComputedStyle(picture).backgroundPosition),
      };
    };

    // An encoder has the lowest priority: on a busy machine it waits for the others.
    test(
      'a dropped video shows its poster while the rest is processed, with its progress, and then plays, scrubs and says why it was encoded',
      { timeout: 150_000 },
      async () => {
        const file = await makeClip(directory, 'dance.mp4', [...picture(11, '960x540'), ...tone(11), ...h264, '-pix_fmt', 'yuv444p', ...aac, '-shortest']);
        const page = await openConsole({ product, browser });
        await chooseDestination(page, 'artist.media', randomUUID());
        await dropFiles(page, [{ name: 'dance.mp4', type: 'video/mp4', bytes: await readFile(file) }]);
        const result = page.getByRole('region', { name: 'What became of it' });
        await result.locator('.detail-picture img').waitFor();
        await result.getByText(/Developing \d+ % · encoding/).waitFor();
        await wordsOf(page, 'dance.mp4', /Published · 5 variants/).waitFor({ timeout: 120_000 });
        await result.getByText('poster_ready').waitFor();
        await result.getByText(/its picture encoded anew because of its profile.* and pixel format; ffmpeg \d/).waitFor();
        const player = await playFrom(page, 3);
        await page.getByRole('slider', { name: 'Moment of the video' }).and(page.locator('[aria-valuetext="0:03"]')).waitFor();
        expect(player).toMatchObject({ width: 960, height: 540, error: null });
        expect(player.soundBytes).toBeGreaterThan(0);
        expect(await scrub(page, 0)).toMatchObject({ says: '0:00', tile: '0px 0px' });
        expect(await scrub(page, 10)).toEqual({ says: '0:10', at: 10, tile: '0px -90px' });
        await expectNoAxeViolations(page);
      },
    );

    test.each([
      ['narrow and dark', { narrow: true, dark: true }],
      ['wide and light', {}],
    ])('a sound shows its waveform and its loudness, and plays: %s', async (_what, options) => {
      const media = await send(await makeClip(directory, 'tone.flac', [...tone(8)]), 'audio/flac', 'artist.media');
      const page = await openConsole({ product, browser, at: `#/library/${media.id}`, ...options });
      await page.locator('.waveform path').first().waitFor({ state: 'attached' });
      await page.getByText(/LUFS, peak -?[\d.]+ dBFS/).waitFor();
      expect((await playFrom(page, 5)).at).toBeGreaterThan(5.4);
      await expectNoAxeViolations(page);
      const slider = page.getByRole('slider', { name: 'Moment of the recording' });
      // A busy browser plays for longer before it is told to pause.
      const heardUntil = async () => `0:0${Math.floor((await page.evaluate(() => document.querySelector('audio')?.currentTime)) ?? 0)}`;
      await expect.poll(async () => (await slider.getAttribute('aria-valuetext')) === (await heardUntil())).toBe(true);
      await slider.press('Home');
      await slider.press('ArrowRight');
      expect(await page.evaluate(() => document.querySelector('audio')?.currentTime)).toBe(1);
    });

    test('captions are added to a video, replaced and removed, and what is wrong with a file is said', async () => {
      const media = await send(await makeClip(directory, 'spoken.mp4', [...picture(3), ...h264]), 'video/mp4', 'artist.media');
      const page = await openConsole({ product, browser, at: `#/library/${media.id}` });
      const captions = page.getByRole('region', { name: 'Captions' });
      const attach = async (name: string, text: string, label: string, button: string): Promise<void> => {
        await captions.getByLabel('File').setInputFiles({ name, mimeType: 'text/plain', buffer: Buffer.from(text) });
        await captions.getByLabel('Language').fill('de');
        await captions.getByLabel('Name in the player').fill(label);
        await captions.getByRole('button', { name: button }).click();
      };
      await captions.getByText('Add captions').press('Enter');
      await attach('spoken.srt', 'no captions', 'Deutsch', 'Save the captions');
      await captions.getByRole('alert').waitFor();
      await attach('spoken.srt', '1\n00:00:00,000 --> 00:00:02,000\nGuten Abend\n', 'Deutsch', 'Save the captions');
      await captions.getByRole('link', { name: 'Deutsch' }).waitFor();
      await captions.getByRole('alert').waitFor({ state: 'detached' });
      const spoken = async (): Promise<string | undefined> =>
        await page.evaluate(async () => {
          const track = document.querySelector('track');
          if (track === null) return undefined;
          track.track.mode = 'hidden';
          // Each file has an address of its own, so the browser reads what is there now.
          const [cue] = [...(track.track.cues ?? [])];
          return cue instanceof VTTCue ? cue.text : undefined;
        });
      await expect.poll(spoken).toBe('Guten Abend');
      await attach('better.vtt', 'WEBVTT\n\n00:00.000 --> 00:02.000\nGute Nacht\n', 'Deutsch, neu', 'Replace the captions');
      await captions.getByRole('link', { name: 'Deutsch, neu' }).waitFor();
      await expect.poll(spoken).toBe('Gute Nacht');
      await expectNoAxeViolations(page);
      await captions.getByRole('button', { name: 'Remove the captions in Deutsch, neu' }).press('Enter');
      await captions.getByText('None yet', { exact: false }).waitFor();
      expect((await client.media(media.id)).captions).toEqual([]);
      await expect.poll(() => page.evaluate(() => document.activeElement?.textContent), { message: 'the keyboard goes on here' }).toBe('Add captions');
      await page.keyboard.press('Control+z');
      await captions.getByRole('link', { name: 'Deutsch, neu' }).waitFor();
      await expect.poll(spoken).toBe('Gute Nacht');
    });

    test('arrow keys in a player move about in it, and not to the next record', async () => {
      for (const name of ['one.mp4', 'two.mp4'])
        await send(await makeClip(directory, name, [...picture(4), ...h264, '-metadata', `title=${name}`]), 'video/mp4', 'artist.media');
      const page = await openConsole({ product, browser, at: '#/library' });
      await page.locator('.tile').filter({ hasText: 'two.mp4' }).locator('.tile-link').click();
      await page.getByRole('heading', { name: 'two.mp4' }).waitFor();
      const video = page.locator('video').first();
      await expect.poll(async () => await video.evaluate((one) => (one as HTMLVideoElement).readyState)).toBeGreaterThan(0);
      await video.focus();
      await page.keyboard.press('ArrowRight');
      await expect.poll(async () => await video.evaluate((one) => (one as HTMLVideoElement).currentTime)).toBeGreaterThan(0);
      await page.getByRole('heading', { name: 'two.mp4' }).waitFor();
    });

    test('a video that waits for its review is played, scrubbed and decided on there, and the library shows its length', async () => {
      const media = await send(await makeClip(directory, 'waits.mp4', [...picture(5), ...h264]), 'video/mp4', 'artist.reviewed');
      expect(media.published).toBe(false);
      const page = await openConsole({ product, browser, at: '#/review' });
      await page.getByText('waits.mp4').first().waitFor();
      expect(await playFrom(page, 2)).toMatchObject({ error: null });
      expect(await scrub(page, 3)).toMatchObject({ says: '0:03', at: 3, tile: '-480px 0px' });
      await expectNoAxeViolations(page);
      await page.getByRole('slider', { name: 'Moment of the video' }).press('a');
      await expect.poll(async () => (await client.media(media.id)).published).toBe(true);
      await page.evaluate(() => location.assign('#/library'));
      await page.locator('.tile').filter({ hasText: 'waits.mp4' }).locator('.tile-length').getByText('0:05').waitFor();
      await page.emulateMedia({ forcedColors: 'active' });
      await expectNoAxeViolations(page);
    });
  });
});
