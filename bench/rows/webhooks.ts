import { fork, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { webhookContext } from '../../packages/server/test/support/webhooks.ts';
import { emit } from '../../packages/server/src/events/emit.ts';
import { createWebhook } from '../../packages/server/src/events/webhooks/endpoints.ts';
import { openDatabase, type OpenDatabase } from '../../packages/server/src/lib/database.ts';
import { startEmbeddedPostgres } from '../../packages/server/src/lib/embedded-postgres.ts';
import { createLog } from '../../packages/server/src/lib/log.ts';
import { migrate } from '../../packages/server/src/lib/migrate.ts';
import { transact } from '../../packages/server/src/lib/transact.ts';
import { quantile, type BenchOptions, type Figure, type Result } from '../figures.ts';
import { newDatabase } from '../new-database.ts';
import type { Arrival } from '../webhook-receiver.ts';

const endpoints = 20;
/** Attempts at the live endpoints are waited for; those at the dead one never end. */
const live = endpoints - 1;

/** One worker delivers to an application with twenty endpoints, one of them dead: the delay of a message, and the speed of a backlog. */
export async function webhooks({ smoke, directory }: BenchOptions): Promise<Result> {
  const log = createLog({ level: 'silent' });
  const postgres = await startEmbeddedPostgres({ dataDir: path.join(directory, 'postgres'), log });
  const connection = await newDatabase(postgres.connectionString, 'webhooks', log);
  const database = openDatabase({ connection, log });
  const children: ChildProcess[] = [];
  const started = async (name: string, ...arguments_: string[]): Promise<ChildProcess> => {
    const child = fork(path.join(import.meta.dirname, '..', name), arguments_, { execArgv: ['--conditions=safelight-source'] });
    children.push(child);
    return child;
  };
  try {
    await migrate(database.pool);
    const receiver = await started('webhook-receiver.ts');
    const [url] = (await once(receiver, 'message')) as [string];
    const ctx = webhookContext(database);
    const add = async (at: string) => await createWebhook(ctx, { url: `${url}/${at}`, description: '', events: ['*'], collections: null });
    for (let n = 0; n < live; n++) await add(String(n));
    await add('dead');
    const arrived = collect(receiver);
    await once(await started('webhook-deliverer.ts', connection), 'message');
    const paced = await latency(database, arrived, smoke ? 20 : 300);
    const events = smoke ? 200 : 10_000;
    const seconds = await throughput(database, arrived, events);
    const figures: Figure[] = [
      { what: 'wall for one delivery', value: (seconds * 1000) / (events * live), unit: 'ms', goal: 5 },
      { what: '  which is', value: (events * live) / seconds, unit: 'a second' },
      { what: 'from the commit to the first attempt, p50', value: quantile(paced, 0.5), unit: 'ms' },
      { what: 'from the commit to the first attempt, p95', value: quantile(paced, 0.95), unit: 'ms', goal: 1000 },
    ];
    return {
      name: 'webhooks',
      title: `Webhooks: ${events.toLocaleString('en')} events × ${endpoints} endpoints, one of them dead; then 5 events a second`,
      figures,
    };
  } finally {
    for (const child of children) child.kill('SIGKILL');
    await database.close();
    await postgres.stop();
  }
}

type Arrived = { waitFor(count: number): Promise<Arrival[]> };

/** Collects messages to live endpoints until there are as many as requested. */
function collect(receiver: ChildProcess): Arrived {
  let got: Arrival[] = [];
  receiver.on('message', (arrivals: Arrival[]) => got.push(...arrivals.filter(({ path: at }) => !at.startsWith('/dead'))));
  return {
    async waitFor(count) {
      for (let before = -1, still = Date.now(); got.length < count;) {
        if (got.length !== before) [before, still] = [got.length, Date.now()];
        if (Date.now() - still > 60_000) throw new Error(`Only ${got.length} of ${count} messages came.`);
        await once(receiver, 'message', { signal: AbortSignal.timeout(60_000) });
      }
      const taken = got;
      got = [];
      return taken;
    },
  };
}

async function tell({ db }: OpenDatabase, count: number): Promise<string[]> {
  const media = Array.from({ length: count }, () => randomUUID());
  const collection = 'listing.photos';
  const about = (mediaId: string) => ({ name: 'processing_started' as const, ownerId: mediaId, collection, mediaId, payload: {} });
  await transact(db, async (tx) => await emit(tx, media.map(about)));
  return media;
}

async function throughput(database: OpenDatabase, arrived: Arrived, events: number): Promise<number> {
  const began = performance.now();
  for (let told = 0; told < events; told += 100) await tell(database, Math.min(100, events - told));
  await arrived.waitFor(events * live);
  return (performance.now() - began) / 1000;
}

async function latency(database: OpenDatabase, arrived: Arrived, events: number): Promise<number[]> {
  const committed = new Map<string, number>();
  for (let n = 0; n < events; n++) {
    const [mediaId = ''] = await tell(database, 1);
    committed.set(mediaId, Date.now());
    await delay(200);
  }
  const arrivals = await arrived.waitFor(events * live);
  return arrivals.map(({ mediaId, at }) => at - (committed.get(mediaId) ?? Number.NaN));
}
