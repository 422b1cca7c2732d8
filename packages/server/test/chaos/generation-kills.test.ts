import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import type { Job } from '@safelight/contract/jobs';
import type { GenerationUsage } from '@safelight/contract/generation';
import pg from 'pg';
import sharp from 'sharp';
import { expect, onTestFinished, test } from 'vitest';

import { drawVideo } from '../../src/generation/local/draw-video.ts';
import { createEngines } from '../../src/processing/engine/find-engine.ts';
import { geminiStub } from '../support/gemini-stub.ts';
import { answerPictures, openaiStub } from '../support/openai-stub.ts';
import type { Answering, Seen } from '../support/provider-stub.ts';
import { signalGroup, startProduct, type Product } from '../support/product.ts';
import { startTcpPostgres } from '../support/tcp-postgres.ts';
import { compareByHand, filesIn, passADay, safelight, withDatabase } from './support/account.ts';

/*
 * A worker is killed at exactly the moment that a row of the table names: the database or the provider holds it there. The database holds it with a
 * trigger that waits for a lock of the test, so the product does not know about it.
 */
type Moment = {
  where: string;
  /** Pictures are in the answer; a video is polled by its name until it is ready. */
  makes?: 'video';
  /** `opened`: only once this many outputs of the job have been opened in the store. */
  holds: { table: string; event: string; when: string; opened?: { of: string; count: number } } | 'the provider';
  /** This many pictures are completely in the store before the worker is killed. */
  inStore?: number;
  ends: 'complete' | 'outcome_unknown';
  /** How many reach their owner; all or none unless given. */
  stored?: number;
};
const lock = 4711;
const pictures = 3;
const videoSeconds = 4;
const moments: Moment[] = [
  { where: 'before it sends the request', holds: { table: 'generation_output', event: 'update', when: `new.state = 'submitting'` }, ends: 'complete' },
  { where: 'after it sent the request, before the answer', holds: 'the provider', ends: 'outcome_unknown' },
  {
    where: 'after the answer, before anything of it is written down',
    holds: { table: 'upload_session', event: 'insert', when: 'true' },
    ends: 'outcome_unknown',
  },
  {
    where: 'after the answer with the name of a video, before it is written down',
    makes: 'video',
    holds: { table: 'generation', event: 'update', when: `new.operation is not null and old.operation is null` },
    ends: 'outcome_unknown',
  },
  {
    where: 'while it asks how far a video is',
    makes: 'video',
    holds: { table: 'generation', event: 'update', when: `new.polls > old.polls` },
    ends: 'complete',
  },
  {
    where: 'after it heard that a video is done, before it fetches it',
    makes: 'video',
    holds: { table: 'generation', event: 'update', when: `new.usage is not null and old.usage is null` },
    ends: 'complete',
  },
  {
    where: 'when two of three pictures have reached the store',
    // The third cannot begin and holds the job, so the others cannot be reported as stored.
    holds: { table: 'upload_session', event: 'insert', when: 'true', opened: { of: `split_part(new.file_name, '_', 1)`, count: 2 } },
    inStore: 2,
    ends: 'complete',
    stored: 2,
  },
  {
    where: 'while it stores the pictures',
    // The report of the first one waits until all have begun. Anything not in the store yet would be lost with the process.
    holds: { table: 'generation_output', event: 'update', when: `new.state = 'stored'`, opened: { of: 'new.job_id::text', count: pictures } },
    inStore: 3,
    ends: 'complete',
  },
  { where: 'while it processes them', holds: { table: 'generation_output', event: 'update', when: `new.state = 'done'` }, ends: 'complete' },
  { where: 'before the event', holds: { table: 'event', event: 'insert', when: `new.name = 'generation_complete'` }, ends: 'complete' },
];

const picture = await sharp({ create: { width: 60, height: 40, channels: 3, background: '#224466' } })
  .png()
  .toBuffer();

const video = await drawVideo(
  createEngines({ ffmpeg: null, ffprobe: null, sandbox: 'off', threads: 1 }),
  { kind: 'video', model: 'local-video', prompt: 'a lamp', n: 1, index: 0, inputs: [], ownerToken: '', size: '64x48', durationSeconds: 2 },
  AbortSignal.timeout(60_000),
);

/** A server and this many workers, each of which the database knows by its user and the provider by its key. */
async function site(workers: number) {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'safelight-generation-'));
  onTestFinished(async () => await rm(dataDir, { recursive: true, force: true }));
  const postgres = await startTcpPostgres();
  onTestFinished(async () => await postgres.close());
  let answer: Answering = answerPictures(picture, pictures);
  const stub = await openaiStub((seen, response) => answer(seen, response), ['gpt-image-2.5-flare']);
  const videos = await geminiStub({ video }, ['gemini-omni-1.2-flash']);
  const shared = { OPENAI_BASE_URL: stub.url, GOOGLE_GEMINI_BASE_URL: videos.url, GEMINI_API_KEY: 'key-test', SAFELIGHT_LOG_LEVEL: 'warn' };
  const running = new Map<string, Product>();
  onTestFinished(async () => void (await Promise.all([...running.values()].map((product) => product.stop('SIGKILL')))));
  const server = await startProduct('serve', { dataDir, env: { ...shared, DATABASE_URL: postgres.url, OPENAI_API_KEY: 'sk-test-server' } });
  running.set('server', server);
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  onTestFinished(async () => await client.end());
  const startWorker = async (name: string): Promise<void> => {
    await client.query(`do $$ begin create role ${name} superuser login; exception when duplicate_object then null; end $$`);
    const env = { ...shared, DATABASE_URL: postgres.url.replace('safelight@', `${name}@`), OPENAI_API_KEY: `sk-test-${name}` };
    running.set(name, await startProduct('worker', { dataDir, env }));
  };
  for (let i = 1; i <= workers; i++) await startWorker(`worker${i}`);
  const ask = async <Body>(method: string, at: string, body?: unknown): Promise<Body> => {
    const headers = { authorization: `Bearer ${server.token}`, 'content-type': 'application/json' };
    const response = await fetch(`${server.url}/v1${at}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    return (await response.json()) as Body;
  };
  return {
    client,
    ask,
    startWorker,
    paidFor: (prompt: string) => [...stub.seen, ...videos.seen].filter(({ method, body }) => method === 'POST' && body.includes(prompt)).length,
    answerWith: (next: Answering) => void (answer = next),
    /** How many outputs of a job are completely in the store. */
    inStore: async (jobId: string) => (await filesIn(dataDir)).filter((file) => file.includes(`/${jobId}_`)).length,
    async kill(name: string) {
      const doomed = running.get(name);
      if (doomed === undefined) throw new Error(`there is no worker ${name}`);
      signalGroup(doomed.pid, 'SIGKILL');
      await doomed.exited;
      running.delete(name);
    },
    async account() {
      await client.end();
      await Promise.all([...running.values()].map((product) => product.stop()));
      running.clear();
      const at = { dataDir, databaseUrl: postgres.url };
      await withDatabase(at, passADay);
      const env = { ...shared, DATABASE_URL: postgres.url };
      expect(await safelight(['storage', 'sweep'], { dataDir, env })).toMatchObject({ code: 0 });
      expect(await withDatabase(at, async (late) => await compareByHand(late, await filesIn(dataDir)))).toMatchObject({
        missing: [],
        unknown: [],
        unfinished: [],
      });
    },
  };
}
type Site = Awaited<ReturnType<typeof site>>;

/** Makes every worker wait at the moment; returns which one does, and releases them. */
async function holdAt({ client, answerWith }: Site, holds: Moment['holds']): Promise<{ whoWaits(): Promise<string | null>; release(): Promise<void> }> {
  if (holds === 'the provider') {
    let asked: Seen | null = null;
    answerWith((seen) => void (asked = seen));
    return {
      whoWaits: async () => /sk-test-(\w+)/.exec(asked?.headers.authorization ?? '')?.[1] ?? null,
      release: async () => answerWith(answerPictures(picture, pictures)),
    };
  }
  await client.query(`select pg_advisory_lock(${lock})`);
  const { of, count } = holds.opened ?? { of: '', count: 0 };
  const isDue = count === 0 ? 'true' : `(select count(*) from generation_output where job_id::text = ${of} and upload_id is not null) = ${count}`;
  await client.query(
    `create or replace function wait_here() returns trigger as $$ begin
       if ${isDue} then perform pg_advisory_xact_lock(${lock}); end if; return new; end $$ language plpgsql`,
  );
  await client.query(`create trigger wait_here before ${holds.event} on ${holds.table} for each row when (${holds.when}) execute function wait_here()`);
  return {
    async whoWaits() {
      const { rows } = await client.query<{ usename: string }>(
        `select usename from pg_locks join pg_stat_activity using (pid) where locktype = 'advisory' and objid = ${lock} and not granted limit 1`,
      );
      return rows[0]?.usename ?? null;
    },
    async release() {
      await client.query(`select pg_advisory_unlock(${lock})`);
      await client.query(`drop trigger wait_here on ${holds.table}`);
    },
  };
}

/** In CI, half of the moments with each number of workers; by hand, all with both. */
const isBounded = process.env['CHAOS_KILLS'] !== undefined;

async function killAt(place: Site, workers: number, { where, makes, holds, inStore, ends, stored }: Moment): Promise<string> {
  const prompt = `killed ${where}`;
  const held = await holdAt(place, holds);
  const wanted = makes === 'video' ? 1 : pictures;
  const reach = ends === 'complete' ? (stored ?? wanted) : 0;
  const counted = async (): Promise<number> => (await place.ask<GenerationUsage>('GET', '/generate/usage'))[makes === 'video' ? 'videoSeconds' : 'images'].used;
  const before = await counted();
  const { jobId } =
    makes === 'video'
      ? await place.ask<{ jobId: string }>('POST', '/generate/video', { prompt, provider: 'gemini', durationSeconds: videoSeconds })
      : await place.ask<{ jobId: string }>('POST', '/generate/image', { prompt, n: pictures, provider: 'openai' });
  await expect.poll(held.whoWaits, { timeout: 30_000, interval: 20 }).not.toBeNull();
  const name = (await held.whoWaits()) ?? '';
  if (inStore !== undefined) await expect.poll(async () => await place.inStore(jobId), { timeout: 30_000, interval: 20, message: where }).toBe(inStore);
  await place.kill(name);
  const died = performance.now();
  await held.release();
  const restarted = place.startWorker(name);
  const read = async (): Promise<Job> => (await place.ask<{ job: Job }>('GET', `/jobs/${jobId}`)).job;
  await expect.poll(async () => (await read()).state, { timeout: 60_000, interval: 50, message: where }).toMatch(/complete|failed/);
  const seconds = (performance.now() - died) / 1000;
  await restarted;
  const job = await read();
  const paid = place.paidFor(prompt);
  const { rows } = await place.client.query<{ index: string; assets: string }>(
    `select generated->>'index' as index, count(*) as assets from asset where generated->>'jobId' = $1 group by 1`,
    [jobId],
  );
  const told = await place.client.query(`select name from event where job_id = $1 and name in ('generation_complete', 'generation_failed')`, [jobId]);
  expect(paid, where).toBe(1);
  expect(
    rows.map(({ assets }) => Number(assets)),
    where,
  ).toEqual(Array.from({ length: reach }, () => 1));
  // A lost output may have been paid for, and counts.
  expect((await counted()) - before, where).toBe(makes === 'video' ? videoSeconds : wanted);
  expect(told.rows, where).toHaveLength(1);
  const lost = { code: 'outcome_unknown', message: expect.stringContaining('answered') };
  const result = {
    requested: wanted,
    media: Array.from({ length: reach }, () => ({ status: 'ready' })),
    failures: Array.from({ length: wanted - reach }, () => lost),
  };
  if (ends === 'complete') expect(job, where).toMatchObject({ state: 'complete', result });
  else expect(job, where).toMatchObject({ state: 'failed', error: { code: ends, retryable: true } });
  return `${workers} workers, ${where}: ${paid} paid, ${rows.length} of ${wanted} stored, ${job.error?.code ?? job.state}, ${seconds.toFixed(1)} s`;
}

test('with 2 and with 4 workers, whenever one is killed, nothing is paid for twice and nothing is generated twice', { timeout: 600_000 }, async () => {
  const tables = await Promise.all(
    [2, 4].map(async (workers, half) => {
      const place = await site(workers);
      const rows: string[] = [];
      for (const [index, moment] of moments.entries()) if (!isBounded || index % 2 === half) rows.push(await killAt(place, workers, moment));
      await place.account();
      return rows;
    }),
  );
  process.stdout.write(`${tables.flat().join('\n')}\n`);
});
