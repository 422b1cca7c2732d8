import { randomBytes, randomUUID } from 'node:crypto';
import { copyFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import pg from 'pg';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';

import { isOfFirstRelease } from '../src/lib/former-migrations.ts';
import { migrate } from '../src/lib/migrate.ts';
import { safelight } from './chaos/support/account.ts';
import { clientOf } from './support/product-client.ts';
import { startProduct } from './support/product.ts';
import { startTcpPostgres, type TcpPostgres } from './support/tcp-postgres.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';

const migrations = path.resolve(import.meta.dirname, '../migrations');
let postgres: TcpPostgres;
beforeAll(async () => {
  postgres = await startTcpPostgres();
});
afterAll(async () => await postgres?.close());

/** The row that a server of the first release writes for a photo, with the columns that it knows. */
async function writeAsFirstRelease(pool: pg.Pool, dataDir: string, entityId: string): Promise<{ id: string; bytes: Buffer }> {
  const [id, objectId, key] = [randomUUID(), randomUUID(), `media/ada/${randomUUID()}/preview.webp`];
  const bytes = await sharp({ create: { width: 40, height: 30, channels: 3, background: '#456' } })
    .webp()
    .toBuffer();
  const file = path.join(dataDir, 'objects', key);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, bytes);
  await pool.query(
    `insert into asset (id, collection, entity_type, entity_id, owner_id, kind, purpose, status, original_file_name, mime_type, byte_size, width, height, sort_order)
     values ($1, 'listing.photos', 'listing', $2, 'ada', 'image', 'gallery', 'ready', 'house.jpg', 'image/jpeg', 1000, 40, 30, 0)`,
    [id, entityId],
  );
  await pool.query(
    `insert into object (id, provider, location, key, state, role, asset_id, token, bytes, mime_type, width, height)
     values ($1, 'filesystem', 'objects', $2, 'stored', 'preview', $3, $4, $5, 'image/webp', 40, 30)`,
    [objectId, key, id, randomBytes(18).toString('base64url'), bytes.length],
  );
  await pool.query(
    `insert into upload_session (id, protocol, state, owner_id, collection, entity_type, entity_id, purpose, file_name, asset_id, expires_at)
     values ($1, 'direct', 'complete', 'ada', 'listing.photos', 'listing', $2, 'gallery', 'house.jpg', $3, now())`,
    [randomUUID(), entityId, id],
  );
  await pool.query(
    `with next as (update event_shard set last = last + 1 where shard = 0 returning last)
     insert into event (shard, seq, name, owner_id, collection, entity_type, entity_id, media_id, payload)
     select 0, last, 'media_published', 'ada', 'listing.photos', 'listing', $1, $2, '{}' from next`,
    [entityId, id],
  );
  return { id, bytes };
}

test(
  'a database of the first release is migrated with all its data, and accepts what a server of the first release still writes',
  { timeout: 120_000 },
  async () => {
    const [directory, dataDir] = [await temporaryDirectory(), await temporaryDirectory()];
    const names = await readdir(migrations);
    for (const name of names) if (isOfFirstRelease(name)) await copyFile(path.join(migrations, name), path.join(directory, name));
    const pool = new pg.Pool({ connectionString: postgres.url, max: 2 });
    // A connection that Postgres closes first while both stop is no failure.
    pool.on('error', () => undefined);
    onTestFinished(async () => await pool.end());
    await migrate(pool, { directory });
    const before = await writeAsFirstRelease(pool, dataDir, 'before');

    const env = { DATABASE_URL: postgres.url };
    const check = await safelight(['migrate', '--check'], { dataDir, env });
    // Nothing has to be done until the first migration after it.
    const isBehind = names.some((name) => !isOfFirstRelease(name));
    expect(check.code).toBe(isBehind ? 1 : 0);
    if (isBehind) expect(check.output).toContain('Servers of the release before go on working meanwhile and after.');
    // Next to a server of the first release, whose connections stay open.
    const product = await startProduct('start', { dataDir, env });
    onTestFinished(async () => void (await product.stop('SIGKILL')));
    const meanwhile = await writeAsFirstRelease(pool, dataDir, 'meanwhile');
    // If that server has to start again, it finds its schema and more.
    expect(await migrate(pool, { directory })).toEqual([]);

    const client = clientOf(product);
    for (const { id, bytes } of [before, meanwhile]) {
      const media = await client.media(id);
      expect(media).toMatchObject({ id, status: 'ready', published: true, ownerId: 'ada' });
      const read = await client.ask('GET', media.src ?? '');
      expect({ status: read.status, same: read.bytes.equals(bytes) }).toEqual({ status: 200, same: true });
      const { status } = await client.ask('PATCH', `/media/${id}`, { altText: 'A house' });
      expect(status).toBe(200);
    }
    const photo = await sharp({ create: { width: 900, height: 700, channels: 3, background: '#645' } })
      .jpeg()
      .toBuffer();
    const { status, body } = await client.upload({ collection: 'listing.photos', entityType: 'listing', entityId: 'before' }, photo);
    expect(status).toBeLessThan(300);
    expect(await client.settled(body.media.id)).toMatchObject({ status: 'ready' });
    await client.expectClean();
  },
);
