import { createHash } from 'node:crypto';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import sharp from 'sharp';
import { afterAll, describe, expect, test } from 'vitest';

import { safelight } from './chaos/support/account.ts';
import { startFleetProxy, whyNoNginx } from './support/nginx.ts';
import { startPgbouncer, whyNoPgbouncer } from './support/pgbouncer.ts';
import { clientOf } from './support/product-client.ts';
import { startProduct, type Command, type Product } from './support/product.ts';
import { startProvider, whyNoProvider } from './support/provider.ts';
import { readGuide } from './support/read-guide.ts';
import { startRedis, whyNoRedis } from './support/redis.ts';
import { freePort } from './support/free-port.ts';
import { startTcpPostgres } from './support/tcp-postgres.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';

const reason = whyNoPgbouncer() ?? whyNoRedis() ?? whyNoNginx() ?? whyNoProvider('s3');
const secret = 'a-secret-that-all-processes-of-this-installation-share';

const ending: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const end of ending.toReversed()) await end();
});
function owning<Resource>(resource: Resource, end: (resource: Resource) => Promise<unknown>): Resource {
  ending.push(async () => await end(resource));
  return resource;
}

/** Uploads and reads without a pause from the current front; waits while the service is away, and never gives up an acknowledged upload. */
function startClient(front: () => { url: string; token: string } | null) {
  const kept = new Map<string, { path: string; digest: string }>();
  const seen = { busy: true, uploads: 0, reads: 0, waits: 0, wrong: [] as string[] };
  const away = new Set([502, 503, 504]);
  const upload = async (): Promise<void> => {
    const at = front();
    if (at === null) return;
    const bytes = await sharp({ create: { width: 90, height: 60, channels: 3, background: { r: seen.uploads % 256, g: 80, b: 90 } } })
      .jpeg()
      .toBuffer();
    const client = clientOf(at);
    const { status, body } = await client.upload({ collection: 'artist.images', entityType: 'artist', entityId: `artist-${seen.uploads % 7}` }, bytes);
    if (away.has(status)) seen.waits += 1;
    else if (status !== 201) seen.wrong.push(`an upload answered ${status}: ${JSON.stringify(body)}`);
    else {
      const { pathname } = new URL(body.media.src);
      const read = await client.ask('GET', `${at.url}${pathname}`);
      if (read.status === 200) kept.set(body.media.id, { path: pathname, digest: digestOf(read.bytes) });
      else kept.set(body.media.id, { path: pathname, digest: '' });
      seen.uploads += 1;
    }
  };
  const read = async (): Promise<void> => {
    const at = front();
    const [id, one] = [...kept].at(Math.floor(Math.random() * kept.size)) ?? [];
    if (at === null || one === undefined) return;
    const { status, bytes } = await clientOf(at).ask('GET', `${at.url}${one.path}`);
    if (away.has(status)) seen.waits += 1;
    else if (status !== 200 || (one.digest !== '' && digestOf(bytes) !== one.digest)) seen.wrong.push(`${id}: ${status}`);
    else seen.reads += 1;
  };
  const goOn = async (work: () => Promise<void>): Promise<void> => {
    while (seen.busy) {
      // Nobody listens, or a connection was cut: the service is away for a moment.
      await work().catch(() => (seen.waits += 1));
      await delay(40);
    }
  };
  const running = Promise.all([goOn(upload), goOn(read)]);
  return { kept, seen, stop: async () => ((seen.busy = false), await running) };
}

const digestOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

describe.skipIf(reason !== null)(`docs/deploying.md, step by step (${reason ?? 'with real counterparts'})`, () => {
  test('an installation grows from one process to a fleet by the commands of the guide, while a client uploads and reads', { timeout: 600_000 }, async () => {
    const [dataDir, backups, postgres, redis, s3] = await Promise.all([
      temporaryDirectory(),
      temporaryDirectory(),
      startTcpPostgres(),
      startRedis(),
      startProvider('s3'),
    ]);
    owning(postgres, async ({ close }) => await close());
    owning(redis, async ({ stop }) => await stop());
    owning(s3, async ({ stop }) => await stop());
    const bouncer = owning(await startPgbouncer(postgres.url), async ({ stop }) => await stop());
    const [outer, ...ports] = [await freePort(), await freePort(), await freePort()];
    const { S3_STAGING_BUCKET: _, S3_BUCKET: bucket = '', SAFELIGHT_STORAGE: __, ...access } = s3.env;
    const guide = await readGuide({
      '/var/lib/safelight': dataDir,
      '/var/backups/safelight': path.join(backups, 'safelight'),
      'postgres://safelight:secret@pgbouncer.internal:6432/safelight': bouncer.url,
      'postgres://safelight:secret@db.internal:5432/safelight': postgres.url,
      'redis://redis.internal:6379': redis.url,
      'https://media.example.com': `http://127.0.0.1:${outer}`,
      'safelight-objects': bucket,
      'change-this-to-64-hexadecimal-digits-too': secret,
      'change-this-to-64-hexadecimal-digits': secret,
      '4701': String(ports[0]),
      '4702': String(ports[1]),
      '--grace 3600': '--grace 1',
    });
    // What a machine has besides: the configuration file in place, and credentials where the SDK looks for them.
    const env: Record<string, string> = { SAFELIGHT_CONFIG: path.join(import.meta.dirname, 'support/grow.config.ts'), ...access };
    const running = new Set<Product>();
    ending.push(async () => await Promise.all([...running].map(async (product) => await product.stop('SIGKILL'))));

    let front: { url: string; token: string } | null = null;
    const client = startClient(() => front);
    ending.push(client.stop);
    const token = async (): Promise<string> => (await safelight(['token'], { dataDir, env })).output.trim();
    const upTo = async (uploads: number): Promise<void> => {
      await expect.poll(() => client.seen.uploads, { timeout: 120_000 }).toBeGreaterThanOrEqual(uploads);
      expect(client.seen.wrong).toEqual([]);
    };
    const stopAll = async (): Promise<void> => {
      front = null;
      for (const product of running) {
        running.delete(product);
        expect((await product.stop()).code).toBe(0);
      }
    };
    const follow = async (step: string): Promise<Product[]> => {
      const lines = guide.get(step);
      expect(lines, `docs/deploying.md has no step "${step}"`).toBeDefined();
      const started: Product[] = [];
      for (const line of lines ?? []) {
        if (line.kind === 'export') Object.assign(env, line.env);
        else if (line.args.length === 1 && ['start', 'serve', 'worker'].includes(line.args[0] ?? '')) {
          const product = await startProduct(line.args[0] as Command, { dataDir, env: { ...env, ...line.env } });
          running.add(product);
          started.push(product);
        } else {
          const said = await safelight(line.args, { dataDir, env });
          expect(said, `${line.args.join(' ')}: ${said.output}`).toMatchObject({ code: 0 });
        }
      }
      return started;
    };
    const turnTo = async (step: string): Promise<void> => {
      await stopAll();
      const [product] = await follow(step);
      front = { url: product?.url ?? '', token: await token() };
      await upTo(client.seen.uploads + 3);
    };

    await turnTo('one process');
    await turnTo('secrets');
    await follow('backup');
    await stopAll();
    await follow('database');
    await turnTo('pooler');
    await turnTo('bucket');
    await follow('objects');
    await upTo(client.seen.uploads + 3);
    const before = [...running];
    const [one, two, worker] = await follow('fleet');
    await owning(
      startFleetProxy({ port: outer, servers: ports.map((port) => `127.0.0.1:${port}`), directory: await temporaryDirectory() }),
      async (proxy) => await (await proxy).stop(),
    );
    front = { url: `http://127.0.0.1:${outer}`, token: await token() };
    await upTo(client.seen.uploads + 3);
    // The old process stops, and then one server and one worker are killed.
    for (const product of before) {
      running.delete(product);
      expect((await product.stop()).code).toBe(0);
    }
    await upTo(client.seen.uploads + 3);
    for (const product of [one, worker])
      if (product !== undefined) {
        running.delete(product);
        await product.stop('SIGKILL');
      }
    await upTo(client.seen.uploads + 3);
    await client.stop();
    expect(client.seen.wrong).toEqual([]);
    expect(client.seen.reads).toBeGreaterThan(0);

    const last = clientOf(front);
    for (const [id, { path: at, digest }] of client.kept) {
      const { status, bytes } = await last.ask('GET', `${front.url}${at}`);
      expect([id, status, digest === '' ? '' : digestOf(bytes)]).toEqual([id, 200, digest]);
      expect(await last.settled(id)).toMatchObject({ status: 'ready' });
    }
    await expect.poll(async () => (await last.ask('POST', '/admin/discrepancies', {})).body.discrepancies, { timeout: 60_000 }).toEqual([]);
    expect(two).toBeDefined();
    process.stdout.write(`grew beside ${client.seen.uploads} uploads and ${client.seen.reads} reads; ${client.seen.waits} requests had to wait\n`);
  });
});
