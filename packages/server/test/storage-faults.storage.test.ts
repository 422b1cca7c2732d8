import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';

import pg from 'pg';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';

import { startFaultProxy, type Fault, type FaultProxy } from './support/fault-proxy.ts';
import { photoLike } from './support/pictures.ts';
import { clientOf, type ProductClient } from './support/product-client.ts';
import { startProduct, type Product } from './support/product.ts';
import { startProvider, whyNoProvider, type RunningProvider } from './support/provider.ts';
import { startTcpPostgres } from './support/tcp-postgres.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';

/** What a client, and an operator, see of a product whose storage fails. */

const photo = async (width = 600): Promise<Buffer> => {
  const { data, ...raw } = await photoLike(width, Math.round(width * 0.75));
  return await sharp(data, { raw }).jpeg({ quality: 90 }).toBuffer();
};
const unavailable = { status: 503, code: 'storage_unavailable' };
/** SAFELIGHT_OUTAGE_SECONDS=60 keeps it away for longer than a job would normally retry. */
const outageSeconds = Number(process.env['SAFELIGHT_OUTAGE_SECONDS'] ?? 5);
const reason = whyNoProvider('s3');

describe.skipIf(reason !== null)(`a bucket behind a bad network${reason === null ? '' : ` (skipped: ${reason})`}`, () => {
  let provider: RunningProvider;
  let proxy: FaultProxy;
  let product: Product;
  let client: ProductClient;
  /** What happens to each new connection from the product to the bucket. */
  let fault: Fault = { kind: 'none' };

  beforeAll(async () => {
    provider = await startProvider('s3');
    proxy = await startFaultProxy(provider.origin ?? '', () => fault);
    product = await startProduct('start', { dataDir: await temporaryDirectory(), env: { ...provider.env, AWS_ENDPOINT_URL_S3: proxy.origin } });
    client = clientOf(product);
  });
  afterAll(async () => {
    await product?.stop();
    await proxy?.stop();
    await provider?.stop();
  });
  const goDown = (): void => {
    fault = { kind: 'refuse' };
    proxy.cut();
  };
  const comeBack = (): void => {
    fault = { kind: 'none' };
  };

  test(
    `down for ${outageSeconds} s at least: refuses in words that say to come back, keeps what it has, and finishes all of it afterwards`,
    { timeout: (outageSeconds + 240) * 1000 },
    async () => {
      const bytes = await photo();
      const place = { collection: 'listing.photos', entityType: 'listing', entityId: 'outage' };
      const before = await client.settled((await client.upload(place, bytes)).body.media.id);
      expect(before.status).toBe('ready');
      const opened = await client.ask('POST', '/media/upload/init', { ...place, filename: 'a.jpg', contentType: 'image/jpeg', byteSize: bytes.length });
      const { 'Content-Length': _, ...headers } = opened.body.headers;
      expect((await fetch(opened.body.uploadURL, { method: 'PUT', headers, body: new Uint8Array(bytes) })).ok).toBe(true);
      const accepted = await client.ask('POST', '/media/upload/complete', { uploadId: opened.body.uploadId });

      goDown();
      expect(accepted.status).toBe(202);
      const downSince = performance.now();
      for (const refused of [
        await client.upload(place, bytes),
        await client.upload({ collection: 'artist.images', entityType: 'artist', entityId: 'outage' }, bytes),
        await client.ask('GET', before.src ?? ''),
      ]) {
        expect({ status: refused.status, code: refused.body?.code }).toEqual(unavailable);
        expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
      }
      // Requests that need no bytes still work.
      expect(await client.media(before.id)).toMatchObject({ status: 'ready' });
      expect((await client.ask('DELETE', `/media/${before.id}?purge=now`)).status).toBe(200);
      const waiting = async () => await client.job(accepted.body.jobId);
      await expect.poll(async () => (await waiting()).attempts, { timeout: 110_000, interval: 200 }).toBeGreaterThan(2);
      await expect.poll(() => performance.now() - downSince, { timeout: (outageSeconds + 1) * 1000, interval: 200 }).toBeGreaterThan(outageSeconds * 1000);
      expect(await waiting()).toMatchObject({ state: expect.toBeOneOf(['retrying', 'active']), error: { code: 'storage_unavailable', retryable: true } });

      comeBack();
      expect(await client.settled(accepted.body.media.id)).toMatchObject({ status: 'ready', failure: null });
      expect((await client.upload({ collection: 'artist.images', entityType: 'artist', entityId: 'outage' }, bytes)).status).toBe(201);
      const { final } = provider;
      await expect
        .poll(async () => (await final?.list({ prefix: `media/${before.ownerId}/${before.id}/` }))?.objects, { timeout: 60_000, interval: 200 })
        .toEqual([]);
      await client.expectClean();
    },
  );

  test.each([
    ['a whole object', /^PUT \/\S+ HTTP/],
    ['a removal', /^POST \/\S+\?delete/],
  ])('whose answer to %s is lost is asked again, and nothing is there twice or missing', async (_what, to) => {
    const lossy = await startFaultProxy(provider.origin ?? '', () => ({ kind: 'lost answer', to }));
    onTestFinished(async () => await lossy.stop());
    const other = await startProduct('start', { dataDir: await temporaryDirectory(), env: { ...provider.env, AWS_ENDPOINT_URL_S3: lossy.origin } });
    onTestFinished(async () => void (await other.stop()));
    const through = clientOf(other);
    const answer = await through.upload({ collection: 'artist.images', entityType: 'artist', entityId: 'lost' }, await photo());
    expect(answer.status, JSON.stringify(answer.body)).toBe(201);
    expect((await through.ask('GET', answer.body.media.src)).status).toBe(200);
    await through.ask('DELETE', `/media/${answer.body.media.id}?purge=now`);
    await expect.poll(() => lossy.happened(), { timeout: 20_000 }).toBe(true);
    const prefix = `media/${answer.body.media.ownerId}/${answer.body.media.id}/`;
    for (const store of [provider.final, provider.staging])
      await expect.poll(async () => (await store?.list({ prefix }))?.objects, { timeout: 60_000, interval: 200 }).toEqual([]);
  });
});

/** All statements are executed, and the COMMIT of each transaction that changed an asset in this way fails. */
async function failCommits(database: pg.Client, when: string): Promise<() => Promise<void>> {
  await database.query(
    `create or replace function fail_at_commit() returns trigger language plpgsql as $$ begin raise exception 'no space left on device'; end $$`,
  );
  await database.query(
    `create constraint trigger fail_at_commit after update on asset deferrable initially deferred for each row ${when} execute function fail_at_commit()`,
  );
  return async () => void (await database.query('drop trigger fail_at_commit on asset'));
}

test('a replacement whose COMMIT fails keeps the old photo and its bytes until one succeeds', { timeout: 180_000 }, async () => {
  const postgres = await startTcpPostgres();
  onTestFinished(async () => await postgres.close());
  const product = await startProduct('start', { dataDir: await temporaryDirectory(), env: { DATABASE_URL: postgres.url } });
  onTestFinished(async () => void (await product.stop()));
  const client = clientOf(product);
  const database = new pg.Client({ connectionString: postgres.url });
  await database.connect();
  onTestFinished(async () => await database.end());

  const place = { collection: 'listing.photos', entityType: 'listing', entityId: 'commit' };
  const old = await client.settled((await client.upload(place, await photo())).body.media.id);
  const heal = await failCommits(database, 'when (old.replaces is not null and new.replaces is null)');
  const form = new FormData();
  form.append('file', new Blob([new Uint8Array(await photo(500))], { type: 'image/jpeg' }), 'new.jpg');
  const replaced = await client.ask('POST', `/media/${old.id}/replacement`, form);
  expect(replaced.status, JSON.stringify(replaced.body)).toBe(202);
  await expect.poll(async () => (await client.job(replaced.body.jobId)).attempts, { timeout: 60_000, interval: 50 }).toBeGreaterThan(1);
  const gallery = async (): Promise<string[]> => (await client.ask('GET', '/entities/listing/commit/media')).body.media.map(({ id }: { id: string }) => id);
  expect(await gallery()).toEqual([old.id]);
  for (const { src, byteSize } of Object.values(old.variants)) expect((await client.ask('GET', src)).bytes.length).toBe(byteSize);
  await client.expectClean();

  await heal();
  expect(await client.settled(replaced.body.media.id)).toMatchObject({ status: 'ready' });
  await expect.poll(gallery, { timeout: 30_000 }).toEqual([replaced.body.media.id]);
  await client.expectClean();
});

/** A small file system of its own; only root may mount one. */
function mountSmallDisk(directory: string, size: string): string | null {
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=0755`, 'tmpfs', directory], { encoding: 'utf8' });
  return mounted.status === 0 ? null : (mounted.stderr ?? String(mounted.error)).trim();
}
const whyNoMount = process.getuid?.() === 0 ? null : 'only root can mount a small disk';

describe.skipIf(whyNoMount !== null)(`a full disk${whyNoMount === null ? '' : ` (skipped: ${whyNoMount})`}`, () => {
  test('refuses with a code that says to retry, leaves nothing half written, and takes uploads again when there is space', async ({ skip }) => {
    const dataDir = await temporaryDirectory();
    const objects = path.join(dataDir, 'objects');
    await mkdir(objects);
    const refusal = mountSmallDisk(objects, '12m');
    skip(refusal !== null, `no small disk can be mounted here: ${refusal}`);
    onTestFinished(() => void spawnSync('umount', ['-l', objects]));
    const product = await startProduct('start', { dataDir });
    onTestFinished(async () => void (await product.stop()));
    const client = clientOf(product);
    const place = { collection: 'product.files', entityType: 'product', entityId: 'full' };
    const file = (): Promise<Awaited<ReturnType<ProductClient['upload']>>> => client.upload(place, randomBytes(3_000_000), 'a.bin', 'application/octet-stream');

    const kept: string[] = [];
    let answer = await file();
    for (; answer.status === 202; answer = await file()) kept.push(answer.body.media.id);
    expect({ status: answer.status, code: answer.body.code }).toEqual(unavailable);
    expect(answer.body.detail).toMatch(/^Storage .*Try again/);
    expect(kept.length).toBeGreaterThan(1);
    const opened = await client.ask('POST', '/media/upload/init', { ...place, filename: 'b.bin', byteSize: 3_000_000 });
    const put = await client.ask('PUT', opened.body.uploadURL, randomBytes(3_000_000), opened.body.headers);
    expect({ status: put.status, code: put.body?.code }).toEqual(unavailable);
    expect((await client.ask('POST', '/media/upload/complete', { uploadId: opened.body.uploadId })).body).toMatchObject({ code: 'upload_incomplete' });

    await client.expectClean();
    for (const id of kept) expect((await client.settled(id)).status).toBe('ready');
    const halfWritten = (await readdir(objects, { recursive: true, withFileTypes: true })).filter(
      (entry) => entry.isFile() && path.relative(objects, entry.parentPath).startsWith('.'),
    );
    expect(halfWritten).toEqual([]);

    await client.ask('DELETE', `/media/${kept[0]}?purge=now`);
    await expect.poll(async () => (await file()).status, { timeout: 30_000, interval: 250 }).toBe(202);
    await client.expectClean();
  });
});
