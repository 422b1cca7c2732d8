import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';

import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';

import { clientOf, type ProductClient } from './support/product-client.ts';
import { startProduct, type Product } from './support/product.ts';
import { aac, h264, makeClip, picture, tone, whyNoFfmpeg } from './support/recordings.ts';
import { startTcpPostgres, type TcpPostgres } from './support/tcp-postgres.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';

const why = whyNoFfmpeg();
const directory = await temporaryDirectory();
const config = path.resolve(import.meta.dirname, 'support/motion.config.ts');

const send = async (client: ProductClient, file: string, collection = 'artist.media'): Promise<{ jobId: string; id: string }> => {
  const answer = await client.upload({ collection, entityType: 'artist', entityId: randomUUID() }, await readFile(file), path.basename(file), 'video/mp4');
  expect(answer.status, answer.bytes.toString()).toBe(202);
  return { jobId: answer.body.jobId, id: answer.body.media.id };
};
const sendPhoto = async (client: ProductClient): Promise<string> => {
  const bytes = await sharp({ create: { width: 900, height: 600, channels: 3, background: '#4a6fa5' } })
    .jpeg()
    .toBuffer();
  const answer = await client.upload({ collection: 'listing.photos', entityType: 'listing', entityId: randomUUID() }, bytes);
  return answer.body.media.id;
};

describe.skipIf(why !== null)(`what takes long${why === null ? '' : ` (${why})`}`, () => {
  test('a two-hour video delays no photo, and the posters of other videos overtake its encoding if one is encoded at a time', async () => {
    // Made from one minute; its colours force it to be encoded.
    const minute = await makeClip(directory, 'minute.mp4', [...picture(60, '160x90', 24), ...h264, '-pix_fmt', 'yuv444p', '-crf', '40']);
    const hours = await makeClip(directory, 'hours.mp4', ['-stream_loop', '119', '-i', minute, '-c', 'copy', '-movflags', '+faststart']);
    const clip = await makeClip(directory, 'clip.mp4', [...picture(3), ...tone(3), ...h264, ...aac, '-shortest']);
    const product = await startProduct('start', {
      dataDir: path.join(directory, 'data'),
      env: { SAFELIGHT_CONFIG: config, SAFELIGHT_DECODERS: '1', SAFELIGHT_DECODER_MEMORY_MB: '1024' },
    });
    onTestFinished(async () => void (await product.stop()));
    const client = clientOf(product);
    const film = await send(client, hours, 'artist.epics');
    const filmIsAt = async (): Promise<string> => {
      const { state, message } = await client.job(film.jobId);
      return `${state}, ${message}`;
    };
    await expect.poll(filmIsAt, { timeout: 90_000 }).toBe('active, encoding');

    const photos = await Promise.all(Array.from({ length: 5 }, async () => await sendPhoto(client)));
    for (const id of photos) expect(await client.settled(id)).toMatchObject({ status: 'ready' });
    const others = await Promise.all(Array.from({ length: 3 }, async () => await send(client, clip)));
    for (const { id } of others) await expect.poll(async () => (await client.media(id)).thumbnailSrc, { timeout: 60_000 }).not.toBeNull();
    expect(await filmIsAt()).toBe('active, encoding');
    // The rest of their work waits for it.
    for (const { id } of others) expect(Object.keys((await client.media(id)).variants).toSorted()).toEqual(['poster', 'poster_small']);
    expect((await client.ask('DELETE', `/jobs/${film.jobId}`)).status).toBeLessThan(300);
    for (const { id } of others) expect(await client.settled(id)).toMatchObject({ status: 'ready' });
    await client.expectClean();
  }, 300_000);

  describe('on a machine of its own', () => {
    let postgres: TcpPostgres;
    let client: ProductClient;
    let server: Product;
    const env = (): Record<string, string> => ({ SAFELIGHT_CONFIG: config, DATABASE_URL: postgres.url });
    const dataDir = path.join(directory, 'apart');
    beforeAll(async () => {
      postgres = await startTcpPostgres();
      server = await startProduct('serve', { dataDir, env: env() });
      client = clientOf(server);
    });
    afterAll(async () => {
      await server?.stop();
      await postgres?.close();
    });
    const start = async (...lanes: string[]): Promise<Product> => {
      const worker = await startProduct('worker', { dataDir, env: env(), args: ['--lanes', lanes.join(',')] });
      onTestFinished(async () => void (await worker.stop()));
      return worker;
    };

    test('a worker for the lane "long" does nothing else, and that work waits for it', async () => {
      await start('short', 'poster', 'review', 'upkeep');
      const clip = await makeClip(directory, 'apart.mp4', [...picture(2), ...h264]);
      const { id, jobId } = await send(client, clip);
      await expect.poll(async () => (await client.media(id)).thumbnailSrc, { timeout: 60_000 }).not.toBeNull();
      expect(await client.settled(await sendPhoto(client))).toMatchObject({ status: 'ready' });
      expect((await client.job(jobId)).state).not.toBe('complete');
      await start('long');
      expect(await client.settled(id)).toMatchObject({ status: 'ready' });
    });
  });
});
