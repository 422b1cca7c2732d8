import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import type { Media } from '@safelight/contract/media';
import { describe, expect, onTestFinished, test } from 'vitest';

import type { Store } from '../../src/storage/store.ts';
import type { Command } from '../support/product.ts';
import { startPgbouncer, whyNoPgbouncer } from '../support/pgbouncer.ts';
import { startProvider, type RunningProvider } from '../support/provider.ts';
import { startRedis, whyNoRedis } from '../support/redis.ts';
import { startTcpPostgres } from '../support/tcp-postgres.ts';
import { compareByHand, filesIn, halfWritten, objectsIn, passADay, safelight, withDatabase } from './support/account.ts';
import { startLoad } from './support/load.ts';
import { seededRandom } from './support/random.ts';
import { openSite, type Site } from './support/site.ts';

/** Where the records are; the configuration of a site of that kind. */
async function openRecords(database: Database): Promise<{ env: Record<string, string>; direct: { databaseUrl: string } | null }> {
  if (database === 'embedded') return { env: {}, direct: null };
  const postgres = await startTcpPostgres();
  onTestFinished(postgres.close);
  const direct = { databaseUrl: postgres.url };
  if (database === 'external') return { env: { DATABASE_URL: postgres.url }, direct };
  const [bouncer, redis] = [await startPgbouncer(postgres.url), await startRedis()];
  onTestFinished(async () => void (await Promise.all([bouncer.stop(), redis.stop()])));
  return { env: { DATABASE_URL: bouncer.url, DATABASE_DIRECT_URL: postgres.url, REDIS_URL: redis.url }, direct };
}

/** How many kills; few in CI, because each one is at another moment anyway. */
const kills = Number(process.env['CHAOS_KILLS'] ?? 50);
const seed = Number(process.env['CHAOS_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
/** CHAOS_STORAGE=s3 keeps the bytes in Ceph's gateway, which is not killed. */
const storage = process.env['CHAOS_STORAGE'] === 's3' ? 's3' : 'files';
const say = (line: string): void => void process.stdout.write(`${line}\n`);

type Kept = { ready: number; failed: number; deleted: number; unknown: number; broken: string[] };

/** Checks that the product kept everything that it has acknowledged. */
async function readPromises(site: Site, promised: Iterable<{ id: string; deletion: string }>): Promise<Kept> {
  const kept: Kept = { ready: 0, failed: 0, deleted: 0, unknown: 0, broken: [] };
  const ask = async (url: string, method = 'GET'): Promise<Response> => await fetch(url, { method, headers: { authorization: `Bearer ${site.token}` } });
  for (const { id, deletion } of promised) {
    const read = async () => {
      const response = await ask(`${site.url()}/v1/media/${id}`);
      const body = (await response.json()) as { media?: Media };
      return { status: response.status, media: body.media };
    };
    await expect.poll(async () => (await read()).media?.status ?? 'gone', { timeout: 120_000, interval: 50, message: id }).toMatch(/ready|failed|gone/);
    const { status, media } = await read();
    if (deletion === 'answered') {
      if (status === 404 || status === 410) kept.deleted += 1;
      else kept.broken.push(`${id} was deleted and is ${status}`);
    } else if (deletion === 'asked') {
      kept.unknown += 1;
    } else if (status !== 200 || media === undefined) {
      kept.broken.push(`${id} was answered and is ${status}`);
    } else if (media.status === 'failed') {
      kept.failed += 1;
      if (typeof media.failure?.message !== 'string') kept.broken.push(`${id} failed without a word`);
    } else {
      kept.ready += 1;
      for (const { src, byteSize } of Object.values(media.variants)) {
        const bytes = (await (await ask(new URL(new URL(src).pathname, site.url()).href)).arrayBuffer()).byteLength;
        if (bytes !== byteSize) kept.broken.push(`${id} is ready and ${src} has ${bytes} of ${byteSize} bytes`);
      }
    }
  }
  return kept;
}

const bucketsOf = ({ final, staging }: RunningProvider): Store[] => [final, staging].filter((store) => store !== null);

const whyNoPooler = whyNoPgbouncer() ?? whyNoRedis();
type Database = 'embedded' | 'external' | 'pooled';
const sites: { name: string; share: number; commands: Command[]; database: Database }[] = [
  { name: 'one process on its embedded Postgres', share: 0.6, commands: ['start'], database: 'embedded' },
  { name: 'a server and two workers on a Postgres of their own', share: 0.4, commands: ['serve', 'worker', 'worker'], database: 'external' },
  {
    name: 'two servers and two workers behind PgBouncer in transaction mode with four sessions, with Redis,',
    share: 0.4,
    commands: ['serve', 'serve', 'worker', 'worker'],
    database: 'pooled',
  },
];

describe.skipIf(process.platform !== 'linux')('killed at any moment (needs Linux, to find the processes)', () => {
  if (whyNoPooler !== null) say(`not killed behind a pooler: ${whyNoPooler}`);
  test.each(sites.filter(({ database }) => database !== 'pooled' || whyNoPooler === null))(
    '$name loses nothing that was answered and leaves nothing that the ledger does not name',
    // A kill and the following start take a few seconds, and several times that on a busy machine.
    { timeout: Math.max(900_000, kills * 20_000) },
    async ({ share, commands, database }) => {
      const rounds = Math.max(1, Math.round(kills * share));
      say(`\nchaos: ${commands.join(' + ')} on ${storage}, ${rounds} kills, CHAOS_SEED=${seed}`);
      const random = seededRandom(seed);
      const dataDir = await mkdtemp(path.join(tmpdir(), 'safelight-chaos-'));
      onTestFinished(async () => await rm(dataDir, { recursive: true, force: true }));
      const records = await openRecords(database);
      const provider: RunningProvider | null = storage === 's3' ? await startProvider('s3') : null;
      onTestFinished(async () => await provider?.stop());
      const env: Record<string, string> = { SAFELIGHT_LOG_LEVEL: 'error', ...records.env, ...provider?.env };
      const site = await openSite({ dataDir, commands, env, random });
      onTestFinished(async () => void (await site.stop()));

      const load = await startLoad(site, random, 6);
      const pieces: Record<string, number> = {};
      let slowestMs = 0;
      for (let round = 0; round < rounds; round++) {
        await delay(random.between(20, 1_500));
        // A busy machine may answer nothing between two kills, and then a kill would show nothing.
        await expect.poll(() => load.promised.size, { timeout: 120_000, interval: 20 }).toBeGreaterThan(round + 1);
        const piece = site.kill();
        pieces[piece] = (pieces[piece] ?? 0) + 1;
        const began = performance.now();
        await site.restart();
        slowestMs = Math.max(slowestMs, performance.now() - began);
      }
      await delay(500);
      await load.stop();
      expect(load.faults.map((fault) => [fault, ...site.saidOf(fault)].join('\n'))).toEqual([]);

      const kept = await readPromises(site, load.promised.values());
      const running = await safelight(['storage', 'check', '--json'], { dataDir, env });
      expect(await site.stop()).toEqual(commands.map(() => 0));
      expect(site.leftover()).toEqual([]);

      const at = { dataDir, ...records.direct };
      await withDatabase(at, passADay);
      const swept = await safelight(['storage', 'sweep', '--json'], { dataDir, env });
      const checked = await safelight(['storage', 'check', '--json'], { dataDir, env });
      const objects = provider === null ? await filesIn(dataDir) : (await Promise.all(bucketsOf(provider).map(objectsIn))).flat();
      const byHand = await withDatabase(at, async (client) => await compareByHand(client, objects));
      const temporary = provider === null ? await halfWritten(dataDir) : 0;
      say(`  killed ${JSON.stringify(pieces)}; slowest restart ${Math.round(slowestMs)} ms`);
      say(`  load ${JSON.stringify(load.counts)}`);
      say(
        `  answered ${load.promised.size}: ${JSON.stringify({ ...kept, broken: kept.broken.length })}; ${byHand.rows} objects; ${temporary} files half written; ${swept.output.trim()}`,
      );
      expect(kept.broken).toEqual([]);
      expect(running, running.output).toMatchObject({ code: 0 });
      expect(swept, swept.output).toMatchObject({ code: 0 });
      expect(checked, checked.output).toMatchObject({ code: 0 });
      expect(byHand).toMatchObject({ missing: [], unknown: [], unfinished: [] });
      expect(load.promised.size).toBeGreaterThan(rounds);
    },
  );
});
