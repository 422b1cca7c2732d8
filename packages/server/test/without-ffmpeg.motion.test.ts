import { mkdir, readdir, readFile, symlink } from 'node:fs/promises';
import path from 'node:path';

import { describe, expect, onTestFinished, test } from 'vitest';

import { findWasmCore } from '../src/processing/engine/wasm-command.ts';
import { clientOf, type ProductClient } from './support/product-client.ts';
import { startProduct } from './support/product.ts';
import { aac, h264, makeClip, picture, tone, whyNoFfmpeg } from './support/recordings.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';

const why = whyNoFfmpeg();
const noCore = why ?? (findWasmCore() === null ? '@ffmpeg/core is not installed' : null);
const directory = await temporaryDirectory();

/** A product on a machine whose path has everything but ffmpeg. */
async function start(name: string, env: Record<string, string> = {}): Promise<ProductClient> {
  const bare = path.join(directory, name);
  await mkdir(bare);
  // The whole path, without these two programs.
  for (const tool of await readdir('/usr/bin')) if (!/^ff(?:mpeg|probe)$/.test(tool)) await symlink(`/usr/bin/${tool}`, path.join(bare, tool));
  const product = await startProduct('start', { dataDir: path.join(directory, `${name}-data`), env: { PATH: bare, ...env } });
  onTestFinished(async () => void (await product.stop()));
  return clientOf(product);
}
const clip = async (): Promise<Buffer> =>
  await readFile(await makeClip(directory, 'phone.mp4', [...picture(3, '640x360'), ...tone(3), ...h264, ...aac, '-shortest']));
const rulesOf = async (client: ProductClient, collection: string) => (await client.ask('GET', `/meta/media-rules?collection=${collection}`)).body.rules;

describe('a product on a machine without ffmpeg', () => {
  test.skipIf(noCore !== null)(`plays a clip of a phone by @ffmpeg/core, and says how long it may be${noCore === null ? '' : ` (${noCore})`}`, async () => {
    const client = await start('core');
    await expect.poll(async () => (await rulesOf(client, 'artist.media')).maxDurationMs, { timeout: 30_000 }).toBe(60_000);
    expect(await rulesOf(client, 'artist.media')).toMatchObject({ unavailableTypes: [], maxRecordingBytes: 64 * 2 ** 20 });
    // Refused before a byte is sent.
    const large = { collection: 'artist.media', entityType: 'artist', entityId: '42', filename: 'large.mp4', contentType: 'video/mp4', byteSize: 65 * 2 ** 20 };
    const refused = await client.ask('POST', '/media/upload/init', large);
    expect([refused.status, refused.body.code, refused.body.detail]).toEqual([
      413,
      'file_too_large',
      expect.stringMatching(/65 MB; at most 64 MB are allowed/),
    ]);
    expect(await rulesOf(client, 'listing.photos')).toMatchObject({ maxRecordingBytes: null });
    // A file that is sold as it is may have any length.
    expect(await rulesOf(client, 'product.files')).toMatchObject({ maxDurationMs: null, maxRecordingBytes: null });
    const sent = await client.upload({ collection: 'artist.media', entityType: 'artist', entityId: '42' }, await clip(), 'phone.mp4', 'video/mp4');
    expect(sent.status, sent.bytes.toString()).toBe(202);
    const media = await client.settled(sent.body.media.id);
    expect(media).toMatchObject({ status: 'ready', published: true, processing: { mode: 'remux', audio: 'copy' } });
    expect(media.processing?.engine).toMatch(/WebAssembly/);
    expect(Object.keys(media.variants).toSorted()).toEqual(['poster', 'poster_small', 'preview', 'storyboard', 'stream']);
    await client.expectClean();
  });

  test.skipIf(why !== null)(
    `and without anything in its place refuses recordings with a reason, and keeps those that are sold${why === null ? '' : ` (${why})`}`,
    async () => {
      // An operator who names a program means that one.
      const client = await start('nothing', { FFMPEG_PATH: '/nowhere/ffmpeg' });
      await expect
        .poll(async () => (await rulesOf(client, 'artist.media')).unavailableTypes, { timeout: 30_000 })
        .toContainEqual({ type: 'video/mp4', reason: expect.stringMatching(/^no ffmpeg/) as string });
      const refused = await client.upload({ collection: 'artist.media', entityType: 'artist', entityId: '42' }, await clip(), 'phone.mp4', 'video/mp4');
      expect([refused.status, refused.body.code]).toEqual([422, 'unsupported_codec']);
      const asked = await client.ask('POST', '/generate/video', { prompt: 'a lamp', provider: 'local' });
      expect([asked.status, asked.body.code]).toEqual([503, 'engine_missing']);
      const sold = await client.upload({ collection: 'product.files', entityType: 'product', entityId: '42' }, await clip(), 'phone.mp4', 'video/mp4');
      expect(await client.settled(sold.body.media.id)).toMatchObject({ status: 'ready', variants: {} });
    },
  );
});
