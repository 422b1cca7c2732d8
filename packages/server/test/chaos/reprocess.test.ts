import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import type { Media } from '@safelight/contract/media';
import { describe, expect, onTestFinished, test } from 'vitest';

import standard from '../../../../safelight.config.ts';
import { signalGroup, startProduct, type Product } from '../support/product.ts';
import { compareByHand, filesIn, passADay, safelight, withDatabase } from './support/account.ts';
import { clientOf, largePhoto } from './support/uploads.ts';

const photos = 8;
const kills = 3;
const entry = path.resolve(import.meta.dirname, '../../src/bin/safelight.ts');

/** A configuration file whose listing.photos have these outputs. */
async function writeConfig(directory: string, name: string, outputs: object[]): Promise<string> {
  const listing = standard.collections['listing.photos'];
  const file = path.join(directory, name);
  const config = { ...standard, collections: { ...standard.collections, 'listing.photos': { ...listing, image: { outputs, blur: true } } } };
  await writeFile(file, `export default ${JSON.stringify(config)};\n`);
  return file;
}

const webp = (role: string, maxSide: number, quality: number) => ({ role, maxSide, format: 'webp', quality, effort: 2, animated: false });

describe.skipIf(process.platform !== 'linux')('a reprocessing that is killed (needs Linux, for process groups)', () => {
  test('continues where it stopped, shows each photo under one set of rules at any moment, and leaves nothing behind', async () => {
    const dataDir = await mkdtemp(path.join(tmpdir(), 'safelight-reprocess-'));
    onTestFinished(async () => await rm(dataDir, { recursive: true, force: true }));
    const before = await writeConfig(dataDir, 'before.ts', [webp('detail', 1280, 80), webp('thumbnail', 160, 80)]);
    const after = await writeConfig(dataDir, 'after.ts', [webp('detail', 1000, 60), webp('card', 400, 60)]);
    const start = async (config: string): Promise<Product> => {
      const product = await startProduct('start', { dataDir, env: { SAFELIGHT_CONFIG: config, SAFELIGHT_LOG_LEVEL: 'error' } });
      onTestFinished(async () => void (await product.stop('SIGKILL')));
      return product;
    };

    let product = await start(before);
    const client = clientOf({ url: () => product.url, token: product.token });
    const photo = await largePhoto();
    const uploaded = await Promise.all(Array.from({ length: photos }, async () => await client.upload(photo)));
    for (const { id } of uploaded) expect(await client.settled(id)).toMatchObject({ status: 'ready' });
    await product.stop();

    /** Complete under one set of rules, with every variant readable. */
    const rulesOf = async (id: string): Promise<'before' | 'after'> => {
      const read = async (): Promise<Media> =>
        ((await (await fetch(`${product.url}/v1/media/${id}`, { headers: { authorization: `Bearer ${product.token}` } })).json()) as { media: Media }).media;
      const media = await read();
      const roles = Object.keys(media.variants).filter((role) => role !== 'source');
      for (const { src, byteSize } of Object.values(media.variants)) {
        const response = await fetch(new URL(new URL(src).pathname, product.url));
        // It may have been replaced between the two reads; then the record says so.
        if (response.status === 404 && (await read()).version !== media.version) return await rulesOf(id);
        expect((await response.arrayBuffer()).byteLength).toBe(byteSize);
      }
      const isAfter = roles.includes('card');
      expect(roles.toSorted(), id).toEqual(isAfter ? ['card', 'detail'] : ['detail', 'thumbnail']);
      expect(media.variants['detail']?.width).toBe(isAfter ? 1000 : 1280);
      return isAfter ? 'after' : 'before';
    };
    const progress = async (): Promise<number> => (await Promise.all(uploaded.map(({ id }) => rulesOf(id)))).filter((rules) => rules === 'after').length;

    const seen: number[] = [];
    for (let round = 0; round < kills; round++) {
      product = await start(after);
      const command = spawn(process.execPath, ['--conditions=safelight-source', entry, 'reprocess', '--collection', 'listing.photos', '--json'], {
        env: { PATH: process.env['PATH'], TMPDIR: process.env['TMPDIR'], SAFELIGHT_DATA_DIR: dataDir, SAFELIGHT_CONFIG: after },
        stdio: 'ignore',
      });
      const least = Math.min(photos - 1, (seen.at(-1) ?? 0) + 1);
      await expect.poll(progress, { timeout: 60_000, interval: 20 }).toBeGreaterThanOrEqual(least);
      command.kill('SIGKILL');
      signalGroup(product.pid, 'SIGKILL');
      await product.exited;
      seen.push(least);
    }

    product = await start(after);
    expect(await progress()).toBeGreaterThanOrEqual(seen.at(-1) ?? 0);
    const { code, output } = await safelight(['reprocess', '--collection', 'listing.photos', '--json'], { dataDir, env: { SAFELIGHT_CONFIG: after } });
    expect([code, output]).toEqual([0, expect.stringContaining('"failed": 0')]);
    expect(await progress()).toBe(photos);
    await product.stop();

    await withDatabase({ dataDir }, passADay);
    const env = { SAFELIGHT_CONFIG: after };
    expect(await safelight(['storage', 'sweep', '--json'], { dataDir, env })).toMatchObject({ code: 0 });
    expect(await safelight(['storage', 'check', '--json'], { dataDir, env })).toMatchObject({ code: 0 });
    await withDatabase({ dataDir }, async (database) => {
      const { rows, ...rest } = await compareByHand(database, await filesIn(dataDir));
      expect(rest).toEqual({ missing: [], unknown: [], unfinished: [] });
      expect(rows, 'a source and two variants for each photo').toBe(photos * 3);
    });
  });
});
