import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import pg from 'pg';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { safelight, safelightEntry } from './chaos/support/account.ts';
import { clientOf } from './support/product-client.ts';
import { startProduct, type Product } from './support/product.ts';
import { startProvider, whyNoProvider, type RunningProvider } from './support/provider.ts';
import { startTcpPostgres, type TcpPostgres } from './support/tcp-postgres.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';

/** Forty assets show that it works; SAFELIGHT_MIGRATION_ASSETS=2000 shows that it keeps working. */
const count = Number(process.env['SAFELIGHT_MIGRATION_ASSETS'] ?? 40);
/** The grace period for readers that found the old object a moment before; the test waits for its end. */
const graceSeconds = 3;
const reason = whyNoProvider('s3');
const config = path.join(import.meta.dirname, 'support/migration.config.ts');
const digestOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

describe.skipIf(reason !== null)(`a running product moves from S3 to Azure to files${reason === null ? '' : ` (skipped: ${reason})`}`, () => {
  let providers: RunningProvider[] = [];
  let postgres: TcpPostgres;
  let dataDir: string;
  let env: Record<string, string>;
  let database: pg.Client;
  const running = new Set<Product>();

  beforeAll(async () => {
    [providers, postgres, dataDir] = await Promise.all([Promise.all([startProvider('s3'), startProvider('azure')]), startTcpPostgres(), temporaryDirectory()]);
    const { S3_STAGING_BUCKET: _, ...both } = Object.assign({}, ...providers.map((provider) => provider.env)) as Record<string, string>;
    env = { ...both, SAFELIGHT_CONFIG: config, DATABASE_URL: postgres.url, SAFELIGHT_JWT_SECRET: 'a secret that all servers of this test share' };
    database = new pg.Client({ connectionString: postgres.url });
    await database.connect();
  });
  afterAll(async () => {
    for (const product of running) await product.stop();
    await database?.end();
    await postgres?.close();
    for (const provider of providers) await provider.stop();
  });

  const startOn = async (storage: 's3' | 'azure' | 'filesystem'): Promise<Product> => {
    const target = storage === 'filesystem' ? 'cloud' : 'emulator';
    const product = await startProduct('start', { dataDir, env: { ...env, SAFELIGHT_STORAGE: storage, SAFELIGHT_STORAGE_TARGET: target } });
    running.add(product);
    return product;
  };
  const stop = async (product: Product): Promise<void> => {
    running.delete(product);
    expect((await product.stop()).code).toBe(0);
  };

  test(
    `with ${count} assets, while a client uploads, reads and deletes, servers follow one another and the mover is killed: no read fails, and every byte is there after`,
    { timeout: 1_800_000 },
    async () => {
      let product = await startOn('s3');
      const client = () => clientOf(product);
      const alive = new Map<string, { digest: string; paths: string[] }>();
      let made = 0;
      const upload = async (): Promise<void> => {
        made += 1;
        const bytes = await sharp({ create: { width: 90, height: 60, channels: 3, background: { r: made % 256, g: (made >> 8) % 256, b: 90 } } })
          .jpeg()
          .toBuffer();
        const { status, body } = await client().upload({ collection: 'artist.images', entityType: 'artist', entityId: `artist-${made % 400}` }, bytes);
        expect(status, JSON.stringify(body)).toBe(201);
        const paths = [body.media.src, body.media.variants.thumbnail.src].map((src: string) => new URL(src).pathname);
        alive.set(body.media.id, { paths, digest: await readAll(paths) });
      };
      const readAll = async (paths: readonly string[]): Promise<string> => {
        const digests: string[] = [];
        for (const pathname of paths) {
          const { status, bytes } = await client().ask('GET', `${product.url}${pathname}`);
          digests.push(status === 200 ? digestOf(bytes) : `answered ${status}: ${bytes.toString()}`);
        }
        return digests.join(' ');
      };
      const started = performance.now();
      for (let begun = 0; begun < count; begun += 8) await Promise.all(Array.from({ length: Math.min(8, count - begun) }, upload));
      const madeIn = (performance.now() - started) / 1000;
      /** A buyer's link is in a receipt, and works before, during and after. */
      const sell = async (): Promise<{ digest: string; paths: string[] }> => {
        const bytes = randomBytes(300_000);
        const { body } = await client().upload(
          { collection: 'product.files', entityType: 'product', entityId: 'song' },
          bytes,
          'song.bin',
          'application/octet-stream',
        );
        await client().settled(body.media.id);
        const sale = await client().ask('POST', '/grants', { transaction: 'order-1042', assetIds: [body.media.id] });
        expect(sale.status, JSON.stringify(sale.body)).toBe(201);
        const { pathname, search } = new URL(sale.body.grant.files[0].url);
        return { digest: digestOf(bytes), paths: [pathname + search] };
      };
      const purchase = await sell();
      expect(await readAll(purchase.paths)).toBe(purchase.digest);

      // A client that never pauses; it asks the server that is currently in front.
      const seen = { busy: true, reads: 0, purchases: 0, uploads: 0, deletions: 0, failures: [] as string[] };
      const beside = async (work: () => Promise<void>): Promise<void> => {
        while (seen.busy) {
          await work().catch((error: unknown) => seen.failures.push(String(error)));
          await delay(20);
        }
      };
      const buyer = async (): Promise<void> => {
        const read = await readAll(purchase.paths);
        if (!seen.busy) return;
        seen.purchases += 1;
        if (read !== purchase.digest) seen.failures.push(`the purchase: ${read}`);
      };
      const reader = async (): Promise<void> => {
        for (const [id, { digest, paths }] of [...alive].toSorted(() => Math.random() - 0.5).slice(0, 20)) {
          const read = await readAll(paths);
          if (!alive.has(id) || !seen.busy) continue;
          seen.reads += paths.length;
          if (read !== digest) seen.failures.push(`${id}: ${read}`);
        }
      };
      const editor = async (): Promise<void> => {
        await upload();
        seen.uploads += 1;
        const [victim] = alive.keys();
        if (victim === undefined) return;
        alive.delete(victim);
        expect((await client().ask('DELETE', `/media/${victim}?purge=now`)).status).toBe(200);
        seen.deletions += 1;
      };
      const client2 = Promise.all([beside(reader), beside(reader), beside(buyer), beside(editor)]);

      /** The next server starts, clients switch to it, and the previous one stops. */
      const turnTo = async (storage: 'azure' | 'filesystem'): Promise<void> => {
        const before = product;
        product = await startOn(storage);
        // Requests in progress end there.
        await delay(500);
        await stop(before);
      };
      const [s3, azure] = [`s3:${env['S3_BUCKET']}`, `azure:${env['AZURE_STORAGE_CONTAINER']}`];
      const stored = async (name: string): Promise<number> => {
        const { rows } = await database.query<{ count: string }>(`select count(*) from object where provider || ':' || location = $1 and state <> 'deleting'`, [
          name,
        ]);
        return Number(rows[0]?.count);
      };
      const move = (from: string, to: string): string[] => ['storage', 'migrate', '--from', from, '--to', to, '--grace', String(graceSeconds), '--json'];
      const cliEnv = (storage: string): Record<string, string> => ({
        ...env,
        SAFELIGHT_STORAGE: storage,
        SAFELIGHT_STORAGE_TARGET: storage === 'filesystem' ? 'cloud' : 'emulator',
      });

      await turnTo('azure');
      const all = await stored(s3);
      const doomed = spawn(process.execPath, ['--conditions=safelight-source', safelightEntry, ...move(s3, azure)], {
        env: { PATH: process.env['PATH'], SAFELIGHT_DATA_DIR: dataDir, ...cliEnv('azure') },
        stdio: 'ignore',
      });
      const died = once(doomed, 'exit');
      await expect.poll(async () => await stored(s3), { timeout: 600_000, interval: 20 }).toBeLessThan(all * 0.6);
      doomed.kill('SIGKILL');
      expect((await died)[1]).toBe('SIGKILL');
      expect(await stored(s3), 'it was killed in the middle').toBeGreaterThan(0);
      // The test does not wait two minutes for the leases of killed processes.
      await database.query(
        `update object set lease_until = now() where state = 'writing' and provider = 'azure' and lease_until < now() + interval '3 minutes'`,
      );
      const began = performance.now();
      for (const [from, to, storage] of [
        [s3, azure, 'azure'],
        [azure, 'filesystem:objects', 'filesystem'],
      ] as const) {
        if (storage === 'filesystem') await turnTo('filesystem');
        // Objects that were being written when the servers switched end up on the old store; a second walk takes them along.
        for (let walk = 0; walk < 3 && (walk === 0 || (await stored(from)) > 0); walk += 1) {
          const moved = await safelight(move(from, to), { dataDir, env: cliEnv(storage) });
          expect(moved, moved.output).toMatchObject({ code: 0 });
        }
        expect(await stored(from)).toBe(0);
      }
      const seconds = (performance.now() - began) / 1000;
      seen.busy = false;
      await client2;

      expect(seen.failures).toEqual([]);
      expect(seen.reads).toBeGreaterThan(0);
      expect(seen.purchases).toBeGreaterThan(0);
      expect(await readAll(purchase.paths)).toBe(purchase.digest);
      for (const { digest, paths } of alive.values()) expect(await readAll(paths)).toBe(digest);
      await expect
        .poll(async () => (await database.query(`select 1 from object where state <> 'stored' limit 1`)).rowCount, { timeout: 120_000, interval: 500 })
        .toBe(0);
      for (const { final } of providers) expect((await final?.list({}))?.objects).toEqual([]);
      const checked = await safelight(['storage', 'check', '--json'], { dataDir, env: cliEnv('filesystem') });
      expect(checked, checked.output).toMatchObject({ code: 0 });
      expect(await stored('filesystem:objects')).toBe(alive.size * 2 + 1);
      process.stdout.write(
        `made ${count} assets in ${madeIn.toFixed(1)} s, moved them twice in ${seconds.toFixed(1)} s beside ${JSON.stringify({ ...seen, failures: 0 })}\n`,
      );
    },
  );

  test('is emptied by "safelight reset", emulators and files alike, once no server runs any more', { timeout: 120_000 }, async () => {
    const cli = { dataDir, env: { ...env, SAFELIGHT_STORAGE: 's3', SAFELIGHT_STORAGE_TARGET: 'emulator' } };
    const product = await startOn('s3');
    const bytes = await sharp({ create: { width: 90, height: 60, channels: 3, background: '#345' } })
      .jpeg()
      .toBuffer();
    expect((await clientOf(product).upload({ collection: 'artist.images', entityType: 'artist', entityId: 'reset' }, bytes)).status).toBe(201);
    for (const other of running) if (other !== product) await stop(other);
    const [s3] = providers;
    await s3?.final?.put('somebody/elses.txt', Buffer.from('not ours'), { contentType: 'text/plain' });

    // Two, once the sweep has removed the source, which the collection does not keep.
    await expect
      .poll(async () => await safelight(['reset'], cli), { timeout: 60_000, interval: 2000 })
      .toMatchObject({
        code: 1,
        output: expect.stringContaining(`Store s3:${env['S3_BUCKET']}: 2 objects`),
      });
    expect((await safelight(['reset', '--yes'], cli)).output).toContain('is running on this database');
    await stop(product);
    const done = await safelight(['reset', '--yes'], cli);
    expect(done, done.output).toMatchObject({ code: 0 });
    for (const { final } of providers) expect(((await final?.list({}))?.objects ?? []).filter(({ key }) => key !== 'somebody/elses.txt')).toEqual([]);
    expect((await s3?.final?.head('somebody/elses.txt'))?.bytes).toBe(8);
    expect((await database.query('select count(*)::int as count from object')).rows).toEqual([{ count: 0 }]);

    const refused = await safelight(['reset', '--yes'], { ...cli, env: { ...cli.env, SAFELIGHT_STORAGE_TARGET: 'cloud' } });
    expect(refused.code).not.toBe(0);
    expect(refused.output).toMatch(/cloud/);
  });
});
