import { createHash } from 'node:crypto';
import { readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import sharp from 'sharp';
import { afterAll, expect, test } from 'vitest';

import { filesIn, safelight } from './chaos/support/account.ts';
import { clientOf, type ProductClient } from './support/product-client.ts';
import { startProduct, type Product } from './support/product.ts';
import { startTcpPostgres } from './support/tcp-postgres.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';

const secrets = { SAFELIGHT_JWT_SECRET: 'a secret that all servers of this test share', SAFELIGHT_SIGNING_KEYS: `a:${'k'.repeat(40)}` };
const running = new Set<Product>();
afterAll(async () => {
  for (const product of running) await product.stop('SIGKILL');
});

async function start(dataDir: string, env: Record<string, string> = {}): Promise<Product> {
  const product = await startProduct('start', { dataDir, env: { ...secrets, ...env } });
  running.add(product);
  return product;
}
async function stop(product: Product): Promise<void> {
  running.delete(product);
  expect((await product.stop()).code).toBe(0);
}

const digestOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
type Kept = { id: string; paths: string[]; digests: string[] };

let made = 0;
async function upload(product: Product): Promise<Kept> {
  made += 1;
  const bytes = await sharp({ create: { width: 90, height: 60, channels: 3, background: { r: made % 256, g: 70, b: 90 } } })
    .jpeg()
    .toBuffer();
  const client = clientOf(product);
  const { status, body } = await client.upload({ collection: 'artist.images', entityType: 'artist', entityId: `artist-${made % 5}` }, bytes);
  expect(status, JSON.stringify(body)).toBe(201);
  const media = await client.settled(body.media.id);
  const paths = [media.src, media.variants['thumbnail']?.src].map((src) => new URL(src ?? '').pathname);
  return { id: media.id, paths, digests: await digestsAt(client, product.url, paths) };
}

async function digestsAt(client: ProductClient, url: string, paths: readonly string[]): Promise<string[]> {
  return await Promise.all(
    paths.map(async (at) => {
      const { status, bytes } = await client.ask('GET', `${url}${at}`);
      return status === 200 ? digestOf(bytes) : `answered ${status}`;
    }),
  );
}

const namesOf = async (client: ProductClient): Promise<string[]> => {
  const ids: string[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const { body } = await client.ask('GET', `/media?limit=100${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`);
    ids.push(...body.media.map(({ id }: { id: string }) => id));
    cursor = body.nextCursor;
  }
  return ids;
};

test(
  'a backup next to a server that takes and purges photos restores one moment elsewhere, every byte of it, and a second backup copies only what is new',
  { timeout: 300_000 },
  async () => {
    const [dataDir, elsewhere, to] = [await temporaryDirectory(), await temporaryDirectory(), path.join(await temporaryDirectory(), 'backup')];
    const product = await start(dataDir);
    const all = new Map<string, Kept>();
    const add = async (): Promise<void> => {
      const kept = await upload(product);
      all.set(kept.id, kept);
    };
    for (let count = 0; count < 8; count++) await add();
    const stays = new Set(all.keys());

    const uploads = { busy: true };
    const purged = new Set<string>();
    const beside = (async () => {
      while (uploads.busy) {
        await add();
        // The first two stay for both backups, however many others are deleted in the meantime.
        const victim = [...all.keys()].slice(2).find((id) => !purged.has(id));
        if (victim === undefined) continue;
        purged.add(victim);
        expect((await clientOf(product).ask('DELETE', `/media/${victim}?purge=now`)).status).toBe(200);
      }
    })();
    const first = await safelight(['backup', '--to', to, '--json'], { dataDir, env: secrets });
    const second = await safelight(['backup', '--to', to, '--json'], { dataDir, env: secrets });
    uploads.busy = false;
    await beside;
    expect(first, first.output).toMatchObject({ code: 0 });
    expect(second, second.output).toMatchObject({ code: 0 });
    const [once, twice] = [first, second].map(({ output }) => JSON.parse(output));
    expect(once.copied).toBe(once.objects);
    expect(twice.copied).toBeLessThan(twice.objects);

    expect(await safelight(['restore', '--from', to], { dataDir: elsewhere, env: secrets })).toMatchObject({
      code: 1,
      output: expect.stringContaining('Nothing was done'),
    });
    const restored = await safelight(['restore', '--from', to, '--yes', '--json'], { dataDir: elsewhere, env: secrets });
    expect(restored, restored.output).toMatchObject({ code: 0 });
    expect(JSON.parse(restored.output)).toMatchObject({ done: true, takenAt: twice.takenAt, objects: twice.objects });
    const again = await safelight(['restore', '--from', to, '--yes'], { dataDir: elsewhere, env: secrets });
    expect(again).toMatchObject({ code: 1, output: expect.stringContaining('not empty') });

    const other = await start(elsewhere);
    const client = clientOf(other);
    await client.expectClean();
    const ids = await namesOf(client);
    expect(ids.length).toBeGreaterThan(0);
    for (const id of ids) {
      const kept = all.get(id);
      if (kept !== undefined) expect(await digestsAt(client, other.url, kept.paths), id).toEqual(kept.digests);
    }
    // It contains the photo that nobody touched.
    for (const id of stays) if (!purged.has(id)) expect(ids).toContain(id);
    // The restored installation runs by itself, and the original deletes what the backup kept it from deleting.
    await upload(other);
    await clientOf(product).expectClean();
    await expect.poll(async () => (await clientOf(product).ask('POST', '/admin/discrepancies', {})).body.discrepancies, { timeout: 60_000 }).toEqual([]);
    await stop(other);
    await stop(product);
  },
);

test('a backup that fails leaves the previous one as it was, and none of its own tables', { timeout: 120_000 }, async () => {
  const [dataDir, to] = [await temporaryDirectory(), path.join(await temporaryDirectory(), 'backup')];
  const product = await start(dataDir);
  const backup = async () => await safelight(['backup', '--to', to, '--json'], { dataDir, env: secrets });
  await upload(product);
  expect((await backup()).code).toBe(0);
  const before = (await readdir(to)).toSorted();
  const known = await filesIn(dataDir);
  await upload(product);
  for (const file of await filesIn(dataDir)) if (!known.includes(file)) await rm(path.join(dataDir, file), { force: true });
  expect(await backup()).toMatchObject({ code: 1, output: expect.stringContaining('is not in its store') });
  expect((await readdir(to)).toSorted()).toEqual(before);
  const nowhere = await safelight(['backup', '--to', '/dev/null/backup'], { dataDir, env: secrets });
  expect(nowhere).toMatchObject({ code: 1, output: expect.stringContaining('a file stands where a folder is needed') });
  await stop(product);
});

test('a damaged backup is not restored, and leaves nothing half restored', { timeout: 120_000 }, async () => {
  const [dataDir, elsewhere, to] = [await temporaryDirectory(), await temporaryDirectory(), path.join(await temporaryDirectory(), 'backup')];
  const product = await start(dataDir);
  await upload(product);
  await stop(product);
  expect(await safelight(['backup', '--to', to], { dataDir, env: secrets })).toMatchObject({ code: 0 });
  const objects = (await readdir(path.join(to, 'objects'), { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const [victim] = objects;
  const file = path.join(victim?.parentPath ?? '', victim?.name ?? '');
  await writeFile(file, 'other bytes');
  const damaged = await safelight(['restore', '--from', to, '--yes'], { dataDir: elsewhere, env: secrets });
  expect(damaged.code, damaged.output).toBe(1);
  await rm(file);
  expect(await safelight(['restore', '--from', to, '--yes'], { dataDir: elsewhere, env: secrets })).toMatchObject({
    code: 1,
    output: expect.stringContaining('The backup lacks the object'),
  });
  const other = await start(elsewhere);
  expect(await namesOf(clientOf(other))).toEqual([]);
  await stop(other);
});

test(
  'the records move from the embedded database to an external one, but not while a server runs or if the target is not empty',
  { timeout: 300_000 },
  async () => {
    const [dataDir, postgres] = [await temporaryDirectory(), await startTcpPostgres()];
    try {
      const product = await start(dataDir);
      const all = [await upload(product), await upload(product), await upload(product)];
      const move = async () => await safelight(['database', 'move', '--to', postgres.url, '--json'], { dataDir, env: secrets });
      expect(await move()).toMatchObject({ code: 1, output: expect.stringContaining('Stop it first') });
      await stop(product);
      const moved = await move();
      expect(moved, moved.output).toMatchObject({ code: 0 });
      expect(JSON.parse(moved.output).tables).toContainEqual({ name: 'asset', rows: 3 });
      expect(await move()).toMatchObject({ code: 1, output: expect.stringContaining('not empty') });
      const grown = await start(dataDir, { DATABASE_URL: postgres.url });
      const client = clientOf(grown);
      await client.expectClean();
      for (const { paths, digests } of all) expect(await digestsAt(client, grown.url, paths)).toEqual(digests);
      await upload(grown);
      await stop(grown);
    } finally {
      await postgres.close();
    }
  },
);
