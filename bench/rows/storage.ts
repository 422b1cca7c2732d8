import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { BlobServiceClient } from '@azure/storage-blob';
import { Storage } from '@google-cloud/storage';
import { JWT } from 'google-auth-library';
import { sql } from 'kysely';

import type { Db } from '../../packages/server/src/lib/context.ts';
import { openDatabase } from '../../packages/server/src/lib/database.ts';
import { startEmbeddedPostgres } from '../../packages/server/src/lib/embedded-postgres.ts';
import { createLog, type Log } from '../../packages/server/src/lib/log.ts';
import { migrate } from '../../packages/server/src/lib/migrate.ts';
import { findDiscrepancies } from '../../packages/server/src/reconcile/find-discrepancies.ts';
import { openMemoryStore } from '../../packages/server/src/storage/memory/open-memory-store.ts';
import { openStore } from '../../packages/server/src/storage/open-store.ts';
import type { StoreConfig } from '../../packages/server/src/storage/store-config.ts';
import type { ListPage, Store } from '../../packages/server/src/storage/store.ts';
import { storesOf } from '../../packages/server/src/storage/stores.ts';
import { sweepLedger } from '../../packages/server/src/storage/sweep-ledger.ts';
import { startAzurite } from '../../packages/server/test/support/azurite.ts';
import { startGcsStub } from '../../packages/server/test/support/gcs-stub.ts';
import { startRadosgw, whyNoRadosgw } from '../../packages/server/test/support/radosgw.ts';
import { ratioFigure, type BenchOptions, type Figure, type Result } from '../figures.ts';
import { newDatabase } from '../new-database.ts';

/** What the adapters cost against their bare SDKs, and what walks and sweeps cost as a store grows. */
export async function storage(options: BenchOptions): Promise<Result> {
  const figures = [...(await throughput(options)), ...(await walks(options))];
  return {
    name: 'storage',
    title: 'Adapters against their bare SDK with the same checksums (time; 1.11 is 0.9 of its throughput), report and sweep against the size of a store',
    figures,
  };
}

type Bare = { put(key: string, bytes: Buffer): Promise<unknown>; get(key: string): Promise<Readable> };
type Contest = { name: string; config: StoreConfig; bare: Bare; stop(): Promise<unknown> };

const type = 'application/octet-stream';
const sizes = [
  { name: '64 KB', bytes: 65_536, count: 48, atOnce: 8 },
  { name: '16 MB', bytes: 2 ** 24, count: 6, atOnce: 2 },
];

async function throughput({ rounds, smoke, directory }: BenchOptions): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const start of [bareFiles, bareS3, bareAzure, bareGoogle]) {
    const contest = await start(directory);
    if (contest === null) continue;
    const store = await openStore(contest.config);
    const ours: Bare = {
      put: (key, bytes) => store.put(key, bytes, { contentType: type, bytes: bytes.length }),
      async get(key) {
        const object = await store.get(key);
        if (object === null) throw new Error(`${contest.name} has no ${key}`);
        return object.body;
      },
    };
    try {
      for (const { name, bytes, count, atOnce } of sizes) {
        const content = randomBytes(bytes);
        const times = { put: { ours: [] as number[], bare: [] as number[] }, get: { ours: [] as number[], bare: [] as number[] } };
        // The first round compiles and connects, and does not count. Who begins changes, so that neither always comes second.
        for (let round = 0; round <= rounds; round++) {
          const contenders = [['ours', ours] as const, ['bare', contest.bare] as const];
          for (const [who, side] of round % 2 === 0 ? contenders : contenders.toReversed()) {
            const keys = Array.from({ length: smoke ? 4 : count }, () => `bench/${randomUUID()}`);
            const put = await timed(keys, atOnce, async (key) => void (await side.put(key, content)));
            const get = await timed(keys, atOnce, async (key) => await readToEnd(await side.get(key), bytes));
            if (round === 0) continue;
            times.put[who].push(put);
            times.get[who].push(get);
          }
        }
        for (const what of ['put', 'get'] as const)
          figures.push(ratioFigure(`${contest.name}: ${what} ${name}`, 'ms', times[what].ours, times[what].bare, 1.11));
      }
    } finally {
      await store.close();
      await contest.stop();
    }
  }
  return figures;
}

/** Of one object, in milliseconds, with so many under way. */
async function timed(keys: readonly string[], atOnce: number, work: (key: string) => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  const waiting = keys.values();
  const lane = async (): Promise<void> => {
    for (const key of waiting) await work(key);
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return (performance.now() - startedAt) / keys.length;
}

async function readToEnd(body: Readable, expected: number): Promise<void> {
  let bytes = 0;
  for await (const chunk of body) bytes += (chunk as Buffer).length;
  if (bytes !== expected) throw new Error(`${bytes} bytes came of ${expected}`);
}

/** What a careful caller of an SDK does as well: the digest that is kept, and the provider's own checksum. S3's client takes it by itself. */
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** Write, sync, rename: the least that keeps an object whole over a crash. */
async function bareFiles(directory: string): Promise<Contest> {
  const [root, floor] = [path.join(directory, 'objects'), path.join(directory, 'floor')];
  await mkdir(path.join(floor, 'bench'), { recursive: true });
  return {
    name: 'filesystem',
    config: { provider: 'filesystem', location: 'bench', root },
    bare: {
      async put(key, bytes) {
        const file = await open(path.join(floor, `${key}.part`), 'w');
        const written = file.writeFile(bytes);
        sha256(bytes);
        await written;
        await file.datasync();
        await file.close();
        await rename(path.join(floor, `${key}.part`), path.join(floor, key));
        const parent = await open(path.join(floor, 'bench'), 'r');
        await parent.sync();
        await parent.close();
      },
      get: async (key) => createReadStream(path.join(floor, key)),
    },
    stop: async () => undefined,
  };
}

async function bareS3(): Promise<Contest | null> {
  const reason = whyNoRadosgw();
  if (reason !== null) {
    console.log(`S3 is not measured: ${reason}`);
    return null;
  }
  const { endpoint, credentials, stop } = await startRadosgw();
  const location = `bench-${randomUUID()}`;
  const client = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials });
  await client.send(new CreateBucketCommand({ Bucket: location }));
  return {
    name: 's3 (radosgw)',
    config: { provider: 's3', executionTarget: 'emulator', location, endpoint, credentials },
    bare: {
      put: (Key, Body) => client.send(new PutObjectCommand({ Bucket: location, Key, Body, ContentType: type })),
      get: async (Key) => (await client.send(new GetObjectCommand({ Bucket: location, Key }))).Body as Readable,
    },
    stop,
  };
}

async function bareAzure(): Promise<Contest> {
  const { connectionString, stop } = await startAzurite();
  const location = `bench-${randomUUID()}`;
  const container = BlobServiceClient.fromConnectionString(connectionString).getContainerClient(location);
  await container.create();
  return {
    name: 'azure (Azurite)',
    config: { provider: 'azure', executionTarget: 'emulator', location, connectionString },
    bare: {
      put: (key, bytes) =>
        container.getBlockBlobClient(key).upload(bytes, bytes.length, {
          blobHTTPHeaders: { blobContentType: type },
          transactionalContentMD5: createHash('md5').update(bytes).digest(),
          metadata: { sha256: sha256(bytes) },
        }),
      get: async (key) => (await container.getBlockBlobClient(key).download()).readableStreamBody as Readable,
    },
    stop,
  };
}

async function bareGoogle(): Promise<Contest> {
  const { endpoint, serviceAccountJson, createBucket, stop } = await startGcsStub();
  const location = `bench-${randomUUID()}`;
  createBucket(location);
  const account = JSON.parse(serviceAccountJson) as { client_email: string; private_key: string };
  const authClient = new JWT({ email: account.client_email, key: account.private_key, scopes: ['https://www.googleapis.com/auth/devstorage.read_write'] });
  const bucket = new Storage({ apiEndpoint: endpoint, authClient }).bucket(location);
  return {
    name: 'gcs (stub)',
    config: { provider: 'gcs', executionTarget: 'emulator', location, endpoint, serviceAccountJson },
    bare: {
      put: (key, bytes) =>
        bucket.file(key).save(bytes, { resumable: false, validation: 'md5', metadata: { contentType: type, metadata: { sha256: sha256(bytes) } } }),
      // The client puts eleven listeners of its own on each answer, and Node would print a warning for every read.
      get: async (key) =>
        bucket
          .file(key)
          .createReadStream({ validation: false })
          .on('response', (answer: Readable) => answer.setMaxListeners(20)),
    },
    stop,
  };
}

/** Quicker than buckets answer a page of a thousand within their own region. */
const pageMs = 25;

async function walks({ rounds, smoke, directory }: BenchOptions): Promise<Figure[]> {
  const [few, many] = smoke ? [2_000, 20_000] : [1_000, 1_000_000];
  const log = createLog({ level: 'silent' });
  const postgres = await startEmbeddedPostgres({ dataDir: path.join(directory, 'postgres'), log });
  const small = await ledgerOf(postgres.connectionString, few, log);
  const large = await ledgerOf(await newDatabase(postgres.connectionString, 'many_objects', log), many, log);
  try {
    const lists = { count: 0 };
    const ctxOf = (db: Db, objects: number) => {
      const store = syntheticStore(objects, lists);
      const stores = storesOf([store], { staging: 'mocked:bench', final: 'mocked:bench' });
      return { log, signal: new AbortController().signal, site: { db, stores } };
    };
    const report = async (db: Db, objects: number): Promise<{ ms: number; peakMB: number }> => {
      const memory = watchMemory();
      const startedAt = performance.now();
      let found = 0;
      for await (const _ of findDiscrepancies(ctxOf(db, objects), { onProgress: memory.look })) found += 1;
      if (found !== 0) throw new Error(`${found} discrepancies where there are none`);
      return { ms: performance.now() - startedAt, peakMB: memory.peakMB() };
    };
    const bare = async (objects: number): Promise<number> => {
      const startedAt = performance.now();
      let seen = 0;
      for await (const { objects: page } of pagesOf(syntheticStore(objects, lists))) seen += page.length;
      if (seen !== objects) throw new Error(`${seen} of ${objects} were listed`);
      return performance.now() - startedAt;
    };
    const sweep = async (db: Db): Promise<number> => {
      await sql`insert into object (id, provider, location, key, state, role, lease_until)
        select gen_random_uuid(), 'mocked', 'bench', 'sweep/' || ${randomUUID()} || i, 'writing', 'source', now() - interval '1 hour' from generate_series(1, 200) i`.execute(
        db,
      );
      const startedAt = performance.now();
      const { removed } = await sweepLedger(ctxOf(db, 0));
      if (removed !== 200) throw new Error(`${removed} of 200 were swept`);
      return performance.now() - startedAt;
    };

    // A sweep takes as long as a handful of writes to the log, which scatter: the two take turns, and there are many.
    const sweeps = { small: [] as number[], large: [] as number[] };
    for (let round = -sweepsWarm; round < (smoke ? 3 : rounds * sweepsOfRound); round++) {
      const contenders = [['small', small.db] as const, ['large', large.db] as const];
      for (const [which, db] of round % 2 === 0 ? contenders : contenders.toReversed()) {
        const ms = await sweep(db);
        if (round >= 0) sweeps[which].push(ms);
      }
    }
    const listsOfSweeps = lists.count;

    await report(small.db, few);
    const smallReport = await report(small.db, few);
    const [listing, largeReport] = [await bare(many), await report(large.db, many)];
    const [name, smallName] = [many.toLocaleString('en'), few.toLocaleString('en')];
    return [
      ratioFigure(`report over ${name} rows and objects, against the bare listing (a page in ${pageMs} ms)`, 'ms', [largeReport.ms], [listing], 1.25),
      {
        what: `  most heap that the report held of ${name}, beyond that of ${smallName}`,
        value: largeReport.peakMB - smallReport.peakMB,
        unit: 'MB',
        goal: 16,
      },
      ratioFigure(`sweep of 200 leftovers beside ${name} objects, against beside ${smallName}`, 'ms', sweeps.large, sweeps.small, 1.2),
      { what: '  pages that the sweeps listed', value: listsOfSweeps, unit: 'pages', goal: 0 },
    ];
  } finally {
    await large.close();
    await small.close();
    await postgres.stop();
  }
}

const [sweepsWarm, sweepsOfRound] = [4, 7];

/** A database of its own with so many stored objects in its ledger. */
async function ledgerOf(connection: string, objects: number, log: Log): Promise<{ db: Db; close(): Promise<void> }> {
  const { db, pool, close } = openDatabase({ connection, log });
  await migrate(pool);
  await sql`insert into object (id, provider, location, key, state, role, bytes)
    select gen_random_uuid(), 'mocked', 'bench', ${keyOf('$')} || lpad(i::text, 9, '0'), 'stored', 'source', 1000 from generate_series(0, ${objects - 1}::int) i`.execute(
    db,
  );
  await sql`vacuum analyze object`.execute(db);
  return { db, close };
}

const keyOf = (index: string): string => `media/owner/${index}`.replace('$', '');

/** Objects that exist only as numbers, in pages that take as long as a bucket's. */
function syntheticStore(objects: number, lists: { count: number }): Store {
  return {
    ...openMemoryStore({ provider: 'mocked', location: 'bench' }),
    async list({ cursor = '0', limit = 1_000 }): Promise<ListPage> {
      lists.count += 1;
      const answered = delay(pageMs);
      const page = pageFrom(Number(cursor), Math.min(objects, Number(cursor) + limit));
      await answered;
      const end = Number(cursor) + page.length;
      return { objects: page, cursor: end < objects ? String(end) : null };
    },
  };
}

const modifiedAt = new Date(0);
const pageFrom = (from: number, to: number): ListPage['objects'] =>
  Array.from({ length: Math.max(0, to - from) }, (_, index) => ({ key: keyOf(String(from + index).padStart(9, '0')), bytes: 1000, modifiedAt, etag: null }));

async function* pagesOf(store: Store): AsyncGenerator<ListPage> {
  let cursor: string | null = null;
  do {
    const page: ListPage = await store.list(cursor === null ? {} : { cursor });
    yield page;
    cursor = page.cursor;
  } while (cursor !== null);
}

/** What stays after a collection, looked at every hundred thousand objects: garbage on its way out is nobody's memory. */
function watchMemory(): { look(progress: { objects: number }): void; peakMB(): number } {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  let [peak, lookedAt] = [0, -Infinity];
  return {
    look({ objects }) {
      if (objects - lookedAt < 100_000) return;
      lookedAt = objects;
      collect();
      peak = Math.max(peak, process.memoryUsage().heapUsed);
    },
    peakMB: () => peak / 2 ** 20,
  };
}
