import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';

import { describeInBrowser } from '../../packages/server/test/support/describe-in-browser.ts';
import { startRadosgw, whyNoRadosgw } from '../../packages/server/test/support/radosgw.ts';
import { aac, h264, makeClip, picture, tone, whyNoFfmpeg } from '../../packages/server/test/support/recordings.ts';
import { operate } from './operate.ts';
import { fileOf, pictureOf, walkExample } from './walk.ts';

const root = path.resolve(import.meta.dirname, '../..');
const why = whyNoRadosgw() ?? whyNoFfmpeg();
const buckets = { legacy: 'old-uploads', next: 'next' };

describeInBrowser(
  'artist-platform, with tracks, clips and an older bucket',
  () => {
    let endpoint = '';
    let env: Record<string, string> = {};
    const walk = walkExample('artist-platform', async () => {
      const gateway = await startRadosgw();
      ({ endpoint } = gateway);
      await fillLegacy(endpoint, gateway.credentials);
      const config = path.join(root, 'node_modules/.cache/examples/artist-platform.config.mjs');
      await writeConfig(config, endpoint);
      env = { SAFELIGHT_CONFIG: config, OLD_KEY: gateway.credentials.accessKeyId, OLD_SECRET: gateway.credentials.secretAccessKey };
      return { env, end: gateway.stop };
    });
    /** A command of the operator, next to the running example. */
    const safelight = async (...args: string[]): Promise<string> => await operate(args, { ...env, SAFELIGHT_DATA_DIR: path.join(walk.folder(), 'data') });

    test('three pictures, a track and a clip are saved, and each is shown as its kind', async () => {
      const track = await makeClip(walk.folder(), 'rooms.wav', [...tone(3)]);
      const clip = await makeClip(walk.folder(), 'live.mp4', [...picture(2), ...tone(2), ...h264, ...aac, '-shortest']);
      const { page, close } = await walk.open('edit');
      const pictures = page.getByRole('region', { name: 'Pictures' });
      await pictures.getByLabel('Add files').setInputFiles([await fileOf('one.jpg'), await fileOf('two.jpg'), await fileOf('three.jpg')]);
      await pictures.getByRole('button', { name: 'Save' }).click();
      const recordings = page.getByRole('region', { name: 'Tracks and clips' });
      await recordings.getByLabel('Add files').setInputFiles([track, clip]);
      await recordings.getByRole('button', { name: 'Save' }).click();
      const shown = await walk.open('');
      await shown.page.getByRole('list', { name: 'Pictures' }).locator('img').nth(2).waitFor();
      await expect.poll(async () => await shown.page.locator('video').count(), { timeout: 60_000 }).toBe(1);
      await shown.page.locator('audio, .sl-audio').first().waitFor({ state: 'attached' });
      expect(await shown.page.locator('video').getAttribute('poster'), 'a poster').toMatch(/^http/);
      await shown.close();
      await close();
    });

    /** A file of an older application, registered by its URL alone. */
    const adopt = async (name: string, alt: string): Promise<string> => {
      const where = ['--collection', 'artist.images', '--entity', 'artist/mira', '--owner', 'mira', '--alt', alt];
      return await safelight('media', 'adopt', '--url', `${endpoint}/${buckets.legacy}/2019/${name}`, ...where);
    };

    test('a picture of an older application is on the page by its old URL alone', async () => {
      const { page, close } = await walk.open('');
      await adopt('concert.jpg', 'The first concert');
      await page.getByAltText('The first concert').waitFor();
      await close();
    });

    test('everything moves to another store while the page is open, and no picture breaks', async () => {
      await walk.person().upload(await pictureOf('here.jpg'), { collection: 'artist.images', entityType: 'artist', entityId: 'mira', altText: 'Here' }).result;
      await adopt('rehearsal.jpg', 'A rehearsal');
      const { page, close } = await walk.open('');
      const failed: string[] = [];
      page.on('response', (answer) => void (answer.url().includes('/media/') && answer.status() >= 400 && failed.push(`${answer.status()} ${answer.url()}`)));
      for (const alt of ['Here', 'A rehearsal']) await page.getByAltText(alt).waitFor();
      const count = await page.locator('img').count();
      // Requested again without a pause, bypassing every cache of the browser.
      const watching = await watch(page);
      for (const from of ['filesystem:objects', `s3:${buckets.legacy}`])
        expect(await safelight('storage', 'migrate', '--from', from, '--to', `s3:${buckets.next}`, '--grace', '0')).toMatch(/moved/);
      expect(await watching.end()).toEqual([]);
      await page.reload();
      await expect.poll(async () => await wholePictures(page)).toBe(count);
      expect(failed).toEqual([]);
      await close();
    });
  },
  why,
);

const wholePictures = async (page: Page): Promise<number> =>
  await page.evaluate(() => {
    for (const image of document.images) image.scrollIntoView();
    return [...document.images].filter(({ complete, naturalWidth }) => complete && naturalWidth > 0).length;
  });

type Watched = { rounds: number; broken: string[]; isOver: boolean };

/** Fetches every picture of the page again and again, at least once before this returns and once more before `end` returns the failures. */
async function watch(page: Page): Promise<{ end: () => Promise<string[]> }> {
  await page.evaluate(() => {
    const watched: Watched = { rounds: 0, broken: [], isOver: false };
    Object.assign(globalThis, { watched });
    void (async () => {
      for (; !watched.isOver; watched.rounds += 1)
        for (const { currentSrc } of document.images) {
          const answer = await fetch(currentSrc, { cache: 'no-store' });
          if (!answer.ok || (await answer.blob()).size === 0) watched.broken.push(`${answer.status} ${currentSrc}`);
        }
    })();
  });
  const read = async (): Promise<Watched> => await page.evaluate(() => (globalThis as unknown as { watched: Watched }).watched);
  /** Two more, because one of them may have begun before. */
  const round = async (): Promise<void> => {
    const { rounds } = await read();
    await expect.poll(async () => (await read()).rounds).toBeGreaterThan(rounds + 1);
  };
  await round();
  return {
    async end() {
      await round();
      await page.evaluate(() => void ((globalThis as unknown as { watched: Watched }).watched.isOver = true));
      return (await read()).broken;
    },
  };
}

async function fillLegacy(endpoint: string, credentials: { accessKeyId: string; secretAccessKey: string }): Promise<void> {
  const client = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials });
  for (const Bucket of Object.values(buckets)) await client.send(new CreateBucketCommand({ Bucket }));
  for (const name of ['concert.jpg', 'rehearsal.jpg']) {
    const { buffer } = await fileOf(name);
    await client.send(new PutObjectCommand({ Bucket: buckets.legacy, Key: `2019/${name}`, Body: buffer, ContentType: 'image/jpeg' }));
  }
  client.destroy();
}

/** The configuration of the example with the older bucket and the next one. Inside the checkout, where it finds the package. */
async function writeConfig(file: string, endpoint: string): Promise<void> {
  const store = { provider: 's3', endpoint, target: 'emulator', accessKeyIdVariable: 'OLD_KEY', secretAccessKeyVariable: 'OLD_SECRET' };
  const stores = Object.values(buckets).map((location) => ({ ...store, location }));
  await mkdir(path.dirname(file), { recursive: true });
  const template = '../../../packages/server/templates/artist-platform/safelight.config.ts';
  await writeFile(file, `import own from '${template}';\nexport default { ...own, additionalStores: ${JSON.stringify(stores)} };\n`);
}
