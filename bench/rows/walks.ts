import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { sql } from 'kysely';

import type { Db } from '../../packages/server/src/lib/context.ts';
import { openDatabase } from '../../packages/server/src/lib/database.ts';
import { startEmbeddedPostgres } from '../../packages/server/src/lib/embedded-postgres.ts';
import { createLog, type Log } from '../../packages/server/src/lib/log.ts';
import { migrate } from '../../packages/server/src/lib/migrate.ts';
import { findDiscrepancies } from '../../packages/server/src/reconcile/find-discrepancies.ts';
import { openMemoryStore } from '../../packages/server/src/storage/memory/open-memory-store.ts';
import type { ListPage, Store } from '../../packages/server/src/storage/store.ts';
import { storesOf } from '../../packages/server/src/storage/stores.ts';
import { sweepLedger } from '../../packages/server/src/storage/sweep-ledger.ts';
import { ratioFigure, type BenchOptions, type Figure, type Result } from '../figures.ts';
import { newDatabase } from '../new-database.ts';
import { treeCpuMs } from '../processes.ts';

/** Faster than buckets answer a page of a thousand within their own region. */
const pageMs = 25;

/** The cost of the report of discrepancies and of a sweep as a store grows. */
export async function walks({ rounds, smoke, directory }: BenchOptions): Promise<Result> {
  const [few, many] = smoke ? [2_000, 20_000] : [1_000, 1_000_000];
  const log = createLog({ level: 'silent' });
  const postgres = await startEmbeddedPostgres({ dataDir: path.join(directory, 'postgres'), log });
  const small = await ledgerOf(postgres.connectionString, few, log);
  const large = await ledgerOf(await newDatabase(postgres.connectionString, 'many_objects', log), many, log);
  const walking: Walking = { log, lists: { count: 0 } };
  try {
    const sweeps = await sweepInTurns(walking, { small: small.db, large: large.db }, smoke ? 3 : rounds * sweepsOfRound);
    const listsOfSweeps = walking.lists.count;
    await report(walking, small.db, few);
    const smallReport = await report(walking, small.db, few);
    const [listing, largeReport] = [await listAll(walking, many), await report(walking, large.db, many)];
    const [name, smallName] = [many.toLocaleString('en'), few.toLocaleString('en')];
    const figures: Figure[] = [
      ratioFigure(`report over ${name} rows and objects, against the bare listing (a page in ${pageMs} ms)`, 'ms', [largeReport.ms], [listing], 1.25),
      { what: '  CPU of all processes for this report', value: largeReport.cpuMs, unit: 'ms' },
      {
        what: `  most heap that the report held of ${name}, beyond that of ${smallName}`,
        value: largeReport.peakMB - smallReport.peakMB,
        unit: 'MB',
        goal: 16,
      },
      ratioFigure(`sweep of 200 leftovers beside ${name} objects, against beside ${smallName}`, 'ms', sweeps.large, sweeps.small, 1.2),
      { what: '  pages that the sweeps listed', value: listsOfSweeps, unit: 'pages', goal: 0 },
    ];
    return { name: 'walks', title: 'Report of discrepancies and sweep as a store grows', figures };
  } finally {
    await large.close();
    await small.close();
    await postgres.stop();
  }
}

type Walking = { log: Log; lists: { count: number } };

function contextOf({ log, lists }: Walking, db: Db, objects: number) {
  const stores = storesOf([syntheticStore(objects, lists)], { staging: 'mocked:bench', final: 'mocked:bench' });
  return { log, signal: new AbortController().signal, site: { db, stores } };
}

async function report(walking: Walking, db: Db, objects: number): Promise<{ ms: number; cpuMs: number; peakMB: number }> {
  const memory = watchMemory();
  const cpuBefore = await treeCpuMs(process.pid);
  const startedAt = performance.now();
  let found = 0;
  for await (const _ of findDiscrepancies(contextOf(walking, db, objects), { onProgress: memory.look })) found += 1;
  if (found !== 0) throw new Error(`${found} discrepancies where there are none`);
  return { ms: performance.now() - startedAt, cpuMs: (await treeCpuMs(process.pid)) - cpuBefore, peakMB: memory.peakMB() };
}

/** The bare listing, in milliseconds. */
async function listAll({ lists }: Walking, objects: number): Promise<number> {
  const startedAt = performance.now();
  let seen = 0;
  for await (const { objects: page } of pagesOf(syntheticStore(objects, lists))) seen += page.length;
  if (seen !== objects) throw new Error(`${seen} of ${objects} were listed`);
  return performance.now() - startedAt;
}

/** A sweep takes as long as a handful of writes to the log, which scatter: the two alternate, many times. */
async function sweepInTurns(walking: Walking, { small, large }: { small: Db; large: Db }, rounds: number): Promise<{ small: number[]; large: number[] }> {
  const sweeps = { small: [] as number[], large: [] as number[] };
  for (let round = -sweepsWarm; round < rounds; round++) {
    const contenders = [['small', small] as const, ['large', large] as const];
    for (const [which, db] of round % 2 === 0 ? contenders : contenders.toReversed()) {
      const ms = await sweep(walking, db);
      if (round >= 0) sweeps[which].push(ms);
    }
  }
  return sweeps;
}

const [sweepsWarm, sweepsOfRound] = [4, 7];

async function sweep(walking: Walking, db: Db): Promise<number> {
  await sql`
    insert into object (id, provider, location, key, state, role, lease_until)
    select gen_random_uuid(), 'mocked', 'bench', 'sweep/' || ${randomUUID()} || i, 'writing', 'source',
      now() - interval '1 hour'
    from generate_series(1, 200) i`.execute(db);
  const startedAt = performance.now();
  const { removed } = await sweepLedger(contextOf(walking, db, 0));
  if (removed !== 200) throw new Error(`${removed} of 200 were swept`);
  return performance.now() - startedAt;
}

/** A separate database with this many stored objects in its ledger. */
async function ledgerOf(connection: string, objects: number, log: Log): Promise<{ db: Db; close(): Promise<void> }> {
  const { db, pool, close } = openDatabase({ connection, log });
  await migrate(pool);
  await sql`
    insert into object (id, provider, location, key, state, role, bytes)
    select gen_random_uuid(), 'mocked', 'bench', ${keyOf('$')} || lpad(i::text, 9, '0'), 'stored', 'source', 1000
    from generate_series(0, ${objects - 1}::int) i`.execute(db);
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

/** Memory after a collection, measured every hundred thousand objects, because garbage does not count. */
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
