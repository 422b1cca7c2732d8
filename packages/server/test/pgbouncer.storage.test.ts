import { sql } from '#kysely';
import pg from 'pg';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';

import { checkListen } from '../src/bin/doctor/check-listen.ts';
import { openDatabase, transaction, type OpenDatabase } from '../src/lib/database.ts';
import { createLog } from '../src/lib/log.ts';
import { startPgbouncer, whyNoPgbouncer } from './support/pgbouncer.ts';
import { clientOf } from './support/product-client.ts';
import { startProduct, type Command, type Product } from './support/product.ts';
import { startRedis, whyNoRedis } from './support/redis.ts';
import { startTcpPostgres, type TcpPostgres } from './support/tcp-postgres.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';

const reason = whyNoPgbouncer() ?? whyNoRedis();
const log = createLog({ level: 'silent' });
const { signal } = new AbortController();

describe.skipIf(reason !== null)(`behind PgBouncer in transaction mode with four sessions (${reason ?? 'a real one'})`, () => {
  let postgres: TcpPostgres;
  let bouncer: { url: string; stop(): Promise<void> };
  beforeAll(async () => {
    postgres = await startTcpPostgres();
    bouncer = await startPgbouncer(postgres.url);
  });
  afterAll(async () => {
    await bouncer?.stop();
    await postgres?.close();
  });

  const pooled = (): OpenDatabase => {
    const opened = openDatabase({ connection: bouncer.url, log, max: 3 });
    onTestFinished(opened.close);
    return opened;
  };

  test('processes with different statements always get their own answers', async () => {
    const wrong: string[] = [];
    const ask = async (who: string): Promise<void> => {
      const { db } = pooled();
      for (let time = 0; time < 150; time++) {
        const answer = await transaction(db, async (tx) => {
          await sql`select ${time}::int as time`.execute(tx);
          return (await sql<{ who: string }>`select ${sql.lit(who)} as who, v from (select ${'x'}::text as v) x`.execute(tx)).rows[0]?.who;
        });
        if (answer !== who) wrong.push(`${who} got ${answer}`);
      }
    };
    await Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map(ask));
    expect(wrong).toEqual([]);
  });

  test('doctor says that LISTEN does not work, and a direct connection past the pooler fixes it', async () => {
    const { pool } = pooled();
    expect(await checkListen({ pool, directConnectionString: bouncer.url }, { redisUrl: null }, { signal })).toEqual([
      expect.objectContaining({ check: 'notifications', result: 'warning', fix: expect.stringContaining('DATABASE_DIRECT_URL') }),
    ]);
    expect(await checkListen({ pool, directConnectionString: postgres.url }, { redisUrl: null }, { signal })).toEqual([
      expect.objectContaining({ check: 'notifications', result: 'ok' }),
    ]);
  });

  test('two servers and two workers process every photo, with Redis, while one worker and one server are killed', { timeout: 300_000 }, async () => {
    const redis = await startRedis();
    onTestFinished(redis.stop);
    const dataDir = await temporaryDirectory();
    const env = { DATABASE_URL: bouncer.url, DATABASE_DIRECT_URL: postgres.url, REDIS_URL: redis.url };
    const start = async (command: Command): Promise<Product> => {
      const product = await startProduct(command, { dataDir, env });
      onTestFinished(async () => void (await product.stop('SIGKILL')));
      return product;
    };
    const [first, second, worker] = [await start('serve'), await start('serve'), await start('worker')];
    await start('worker');
    const uploadTo = async (server: Product, red: number): Promise<string> => {
      const photo = await sharp({ create: { width: 320, height: 240, channels: 3, background: { r: red, g: 90, b: 90 } } })
        .jpeg()
        .toBuffer();
      const { status, body } = await clientOf(server).upload({ collection: 'artist.images', entityType: 'artist', entityId: `artist-${red}` }, photo);
      expect(status, JSON.stringify(body)).toBe(201);
      return body.media.id;
    };
    const ids = await Promise.all(Array.from({ length: 12 }, async (_, i) => await uploadTo(i % 2 === 0 ? first : second, i)));
    await Promise.all([worker.stop('SIGKILL'), first.stop('SIGKILL')]);
    ids.push(...(await Promise.all(Array.from({ length: 4 }, async (_, i) => await uploadTo(second, 100 + i)))));
    const client = clientOf({ url: second.url, token: first.token || second.token });
    for (const id of ids) expect(await client.settled(id)).toMatchObject({ id, status: 'ready' });
    await client.expectClean();
  });

  test('a database that is read-only for a while answers 503 with Retry-After and not ready, and nothing is lost', { timeout: 120_000 }, async () => {
    const server = await startProduct('start', { dataDir: await temporaryDirectory(), env: { DATABASE_URL: bouncer.url, DATABASE_DIRECT_URL: postgres.url } });
    onTestFinished(async () => void (await server.stop('SIGKILL')));
    const administrator = new pg.Client({ connectionString: postgres.url });
    await administrator.connect();
    onTestFinished(async () => await administrator.end());
    const only = async (reads: 'on' | 'off'): Promise<void> => {
      await administrator.query(`alter system set default_transaction_read_only = ${reads}`);
      await administrator.query('select pg_reload_conf()');
    };
    const client = clientOf(server);
    const photo = await sharp({ create: { width: 64, height: 64, channels: 3, background: '#808080' } })
      .jpeg()
      .toBuffer();
    const upload = async () => await client.upload({ collection: 'artist.images', entityType: 'artist', entityId: 'one' }, photo);
    const readiness = async (): Promise<number> => (await fetch(`${server.url}/readyz`)).status;
    expect((await upload()).status).toBe(201);
    await only('on');
    await expect.poll(readiness, { timeout: 20_000 }).toBe(503);
    const refused = await upload();
    expect(refused).toMatchObject({ status: 503, body: { code: 'unavailable' } });
    expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
    await only('off');
    await expect.poll(readiness, { timeout: 20_000 }).toBe(200);
    const { status, body } = await upload();
    expect(status).toBe(201);
    expect(await client.settled(body.media.id)).toMatchObject({ status: 'ready' });
  });
});
