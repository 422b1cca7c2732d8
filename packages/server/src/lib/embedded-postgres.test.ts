import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, lstat, mkdir, mkdtemp, readdir, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import pg from 'pg';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';

import { DataDirInUse, EmbeddedPostgresRefusal, startEmbeddedPostgres, type EmbeddedPostgres, type EmbeddedPostgresOptions } from './embedded-postgres.ts';
import { findBinariesPackage } from './embedded-postgres/binaries.ts';
import { findHolder, isRunning } from './embedded-postgres/holder.ts';
import { createLog } from './log.ts';

const isRoot = process.getuid?.() === 0;
const log = createLog({ level: 'silent' });

let made: string;
let home: string;
let dataDir: string;
let cleanups: (() => unknown)[];

/** Inside a directory that other accounts may enter, like a data directory usually is. */
async function makeHome(): Promise<string> {
  const directory = await mkdtemp(path.join(await realpath(os.tmpdir()), 'safelight-embedded-'));
  await chmod(directory, 0o755);
  return directory;
}

beforeAll(async () => {
  made = path.join(await makeHome(), 'postgres');
  const postgres = await startEmbeddedPostgres({ dataDir: made, log });
  await postgres.stop();
});

afterAll(() => rm(path.dirname(made), { recursive: true, force: true }));

/** For tests of an existing database, because most of a first start is creating one. */
const copyMade = (): Promise<unknown> => promisify(execFile)('cp', ['-a', made, dataDir]);

beforeEach(async () => {
  home = await makeHome();
  dataDir = path.join(home, 'postgres');
  cleanups = [
    () => rm(home, { recursive: true, force: true }),
    // From a process that was killed; its watchdog ends it.
    () => expect.poll(async () => (await findHolder(dataDir)).state, { timeout: 15_000 }).not.toBe('held'),
  ];
});

afterEach(async () => {
  for (const cleanup of cleanups.toReversed()) await cleanup();
});

async function start(options: Partial<EmbeddedPostgresOptions> = {}): Promise<EmbeddedPostgres> {
  const postgres = await startEmbeddedPostgres({ dataDir, log, ...options });
  cleanups.push(postgres.stop);
  return postgres;
}

async function ask<Row extends pg.QueryResultRow>(connectionString: string, question: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  const { rows } = await client.query<Row>(question).finally(() => client.end());
  return rows;
}

type Safelight = { child: ChildProcess; pid: number; nextLine: () => Promise<Record<string, unknown>> };

/** A separate Safelight, in a process group of its own, like a shell would start it. */
function spawnSafelight(): Safelight {
  const script = fileURLToPath(new URL('../../test/support/embedded-postgres-process.ts', import.meta.url));
  const child = spawn(process.execPath, ['--conditions=safelight-source', script, dataDir], { detached: true, stdio: ['pipe', 'pipe', 'inherit'] });
  const lines: Interface = createInterface({ input: child.stdout });
  const iterator = lines[Symbol.asyncIterator]();
  cleanups.push(async () => {
    if (child.exitCode === null && child.signalCode === null && child.kill('SIGKILL')) await once(child, 'exit');
  });
  return {
    child,
    pid: child.pid ?? 0,
    nextLine: async () => {
      const { value, done } = await iterator.next();
      if (done === true) throw new Error('The process ended without a word.');
      return JSON.parse(value) as Record<string, unknown>;
    },
  };
}

async function startSafelight(): Promise<Safelight & { connectionString: string; postmaster: number }> {
  const safelight = spawnSafelight();
  const { connectionString, pid } = (await safelight.nextLine()) as { connectionString: string; pid: number };
  return { ...safelight, connectionString, postmaster: pid };
}

/** Postgres and the watchdog, wherever they are in the process tree by now; only on Linux. */
async function processesOn(directory: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const commands = await Promise.all(pids.map(async (pid) => ({ pid: Number(pid), words: await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '') })));
  return commands.filter(({ words }) => words.includes(`-D\0${directory}\0`)).map(({ pid }) => pid);
}

describe('a start', () => {
  test('creates a database that keeps what it acknowledges and listens on no port', async () => {
    const postgres = await start();
    const settings = await ask(
      postgres.connectionString,
      `select name, setting from pg_settings where name in ('fsync', 'full_page_writes', 'synchronous_commit', 'listen_addresses', 'data_checksums') order by name`,
    );
    expect(settings).toEqual([
      { name: 'data_checksums', setting: 'on' },
      { name: 'fsync', setting: 'on' },
      { name: 'full_page_writes', setting: 'on' },
      { name: 'listen_addresses', setting: '' },
      { name: 'synchronous_commit', setting: 'on' },
    ]);
    expect((await stat(dataDir)).mode & 0o777).toBe(0o700);
  });

  test('finds the rows of the previous run', async () => {
    await copyMade();
    const first = await start();
    await ask(first.connectionString, 'create table kept as select 42 as answer');
    await first.stop();
    const second = await start();
    expect(await ask(second.connectionString, 'select answer from kept')).toEqual([{ answer: 42 }]);
  });

  test('leaves no process and no socket behind when it is stopped, even twice', async () => {
    await copyMade();
    const postgres = await start();
    const socketDir = new URL(postgres.connectionString).searchParams.get('host') ?? '';
    expect((await stat(socketDir)).mode & 0o777).toBe(0o700);
    await Promise.all([postgres.stop(), postgres.stop()]);
    expect(await isRunning(postgres.pid)).toBe(false);
    await expect(stat(socketDir)).rejects.toThrow('ENOENT');
    expect(await postgres.ended).toEqual({ unasked: false });
  });

  test('that is aborted while creating the database leaves nothing behind', async () => {
    const controller = new AbortController();
    const aborted = startEmbeddedPostgres({ dataDir, log, signal: controller.signal });
    await expect.poll(() => readdir(home)).toEqual([expect.stringContaining('postgres.new-')]);
    controller.abort(new Error('changed my mind'));
    await expect(aborted).rejects.toThrow();
    expect(await readdir(home)).toEqual([]);
  });

  test('that is aborted while Postgres starts ends it first', async () => {
    await copyMade();
    const controller = new AbortController();
    const write = (line: string): void => {
      if (line.includes('starting PostgreSQL')) controller.abort(new Error('changed my mind'));
    };
    const aborted = startEmbeddedPostgres({ dataDir, log: pino({ level: 'debug' }, { write }), signal: controller.signal });
    await expect(aborted).rejects.toThrow('changed my mind');
    expect(await findHolder(dataDir)).toEqual({ state: 'free' });
    await start();
  });

  test('removes the remains of a start that was killed while creating the database', async () => {
    const gone = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
    await once(gone, 'exit');
    await mkdir(`${dataDir}.new-${gone.pid}`);
    await start();
    expect(await readdir(home)).toEqual(['postgres']);
  });
});

describe('when its process is killed', () => {
  beforeEach(copyMade);

  test('Postgres ends by itself', async () => {
    const { child, postmaster } = await startSafelight();
    child.kill('SIGKILL');
    await expect.poll(() => isRunning(postmaster), { timeout: 15_000 }).toBe(false);
    if (process.platform === 'linux') await expect.poll(() => processesOn(dataDir)).toEqual([]);
  });

  test('the next start, immediately, has every acknowledged row', async () => {
    const { child, connectionString } = await startSafelight();
    await ask(connectionString, 'create table acknowledged (id int)');
    const client = new pg.Client({ connectionString });
    client.on('error', () => {});
    await client.connect();
    let acknowledged = 0;
    const inserting = (async () => {
      for (;;) {
        await client.query('insert into acknowledged values ($1)', [acknowledged + 1]);
        acknowledged++;
        if (acknowledged === 100) child.kill('SIGKILL');
      }
    })();
    await expect(inserting).rejects.toThrow();
    const next = await start();
    const [counted] = await ask<{ count: number }>(next.connectionString, 'select count(*)::int as count from acknowledged');
    // One more may have been committed whose acknowledgement was lost.
    expect([acknowledged, acknowledged + 1]).toContain(counted?.count);
    expect(acknowledged).toBeGreaterThanOrEqual(100);
  });

  test.skipIf(process.platform !== 'linux')('and its watchdog with it, the next start ends the orphan and goes on', async () => {
    const { child, connectionString, postmaster } = await startSafelight();
    await ask(connectionString, 'create table kept as select 42 as answer');
    const watchdogs = (await processesOn(dataDir)).filter((pid) => pid !== postmaster);
    expect(watchdogs.length).toBeGreaterThan(0);
    for (const pid of watchdogs) process.kill(pid, 'SIGSTOP');
    child.kill('SIGKILL');
    await once(child, 'exit');
    for (const pid of watchdogs) process.kill(pid, 'SIGKILL');
    expect(await isRunning(postmaster)).toBe(true);
    const next = await start();
    expect(await isRunning(postmaster)).toBe(false);
    expect(await ask(next.connectionString, 'select answer from kept')).toEqual([{ answer: 42 }]);
  });
});

test('Ctrl-C, which reaches every process of the terminal, leaves Postgres up until it is stopped', async () => {
  await copyMade();
  const { pid, nextLine, postmaster, child } = await startSafelight();
  process.kill(-pid, 'SIGINT');
  expect(await nextLine()).toEqual({ after: 'interrupt' });
  if (child.exitCode === null) await once(child, 'exit');
  expect(await isRunning(postmaster)).toBe(false);
});

describe('Postgres that ended although nobody asked it to', () => {
  beforeEach(copyMade);

  test.each(['SIGINT', 'SIGKILL'] as const)('by %s is started again, at the same address and with its rows', async (signal) => {
    const postgres = await start();
    const { pid } = postgres;
    await ask(postgres.connectionString, 'create table kept as select 42 as answer');
    process.kill(pid, signal);
    await expect.poll(() => postgres.pid, { timeout: 15_000 }).not.toBe(pid);
    expect(await ask(postgres.connectionString, 'select answer from kept')).toEqual([{ answer: 42 }]);
    await postgres.stop();
    expect(await postgres.ended).toEqual({ unasked: false });
    expect((await findHolder(dataDir)).state).toBe('free');
  });

  test('is not started again while it is being stopped', async () => {
    const postgres = await start();
    process.kill(postgres.pid, 'SIGINT');
    await postgres.stop();
    expect(await postgres.ended).toEqual({ unasked: false });
    expect((await findHolder(dataDir)).state).toBe('free');
  });

  test('is tried again while its socket cannot be made, as on a full disk, and says why', async () => {
    const temporary = path.join(home, 'tmp');
    await mkdir(temporary);
    await chmod(temporary, 0o1777);
    vi.stubEnv('TMPDIR', temporary);
    cleanups.push(() => vi.unstubAllEnvs());
    const said: string[] = [];
    const postgres = await start({ log: pino({ level: 'error' }, { write: (line) => void said.push(line) }) });
    const { pid } = postgres;
    for (const sockets of await readdir(temporary)) await rename(path.join(temporary, sockets), path.join(home, sockets));
    await chmod(temporary, 0o555);
    process.kill(pid, 'SIGINT');
    await expect.poll(() => said.join(''), { timeout: 15_000 }).toMatch(/cannot be started again yet/);
    expect(said.join('')).toMatch(/mkdir: .*Permission denied/);
    await chmod(temporary, 0o1777);
    await expect.poll(() => postgres.pid, { timeout: 15_000 }).not.toBe(pid);
    expect(await ask(postgres.connectionString, 'select 42 as answer')).toEqual([{ answer: 42 }]);
  });

  test('is reported when only the operator can start it again', async () => {
    const postgres = await start();
    await writeFile(path.join(dataDir, 'PG_VERSION'), '9\n');
    process.kill(postgres.pid, 'SIGINT');
    expect(await postgres.ended).toEqual({ unasked: true });
  });

  test('is not replaced by an empty database when its directory is not there any more', async () => {
    const postgres = await start();
    await rename(dataDir, path.join(home, 'moved'));
    process.kill(postgres.pid, 'SIGKILL');
    expect(await postgres.ended).toEqual({ unasked: true });
    expect(await readdir(home)).toEqual(['moved']);
  });
});

describe('a data directory', () => {
  test('is refused to a second process, which learns who has it', async () => {
    await copyMade();
    const { pid } = await startSafelight();
    const refused = startEmbeddedPostgres({ dataDir, log });
    await expect(refused).rejects.toThrow(DataDirInUse);
    await expect(refused).rejects.toMatchObject({ pid, message: expect.stringContaining(`in use by process ${pid}`) });
  });

  test('goes to one of two that start at the same moment', async () => {
    const both = [spawnSafelight(), spawnSafelight()];
    const answers = await Promise.all(both.map(({ nextLine }) => nextLine()));
    const winner = both[answers.findIndex((answer) => 'connectionString' in answer)];
    expect(answers.filter((answer) => 'connectionString' in answer)).toHaveLength(1);
    expect(answers).toContainEqual({ inUseBy: winner?.pid });
  });

  test('is started if its postmaster.pid names another living process', async () => {
    await copyMade();
    const { uid, gid } = await stat(dataDir);
    const stranger = spawn('sleep', ['600'], { stdio: 'ignore', ...(isRoot && { uid, gid }) });
    cleanups.push(() => stranger.kill());
    await once(stranger, 'spawn');
    await writeFile(path.join(dataDir, 'postmaster.pid'), `${stranger.pid}\n${dataDir}\n`);
    await start();
    expect(stranger.exitCode).toBe(null);
  });

  test('of another major version is refused with both versions', async () => {
    await copyMade();
    await writeFile(path.join(dataDir, 'PG_VERSION'), '15\n');
    const refused = startEmbeddedPostgres({ dataDir, log });
    await expect(refused).rejects.toThrow(EmbeddedPostgresRefusal);
    await expect(refused).rejects.toThrow(/written by PostgreSQL 15.*brings PostgreSQL 18/);
  });

  test('with other contents is refused and left alone', async () => {
    await mkdir(dataDir);
    await writeFile(path.join(dataDir, 'holiday.jpg'), 'mine');
    await expect(startEmbeddedPostgres({ dataDir, log })).rejects.toThrow(/holds something else than a database/);
    expect(await readdir(dataDir)).toEqual(['holiday.jpg']);
  });

  test.skipIf(!isRoot)('below a directory that only root may enter is started all the same (needs root)', async () => {
    const closed = path.join(home, 'closed');
    await mkdir(closed, { mode: 0o700 });
    const postgres = await start({ dataDir: path.join(closed, 'data', 'postgres') });
    await ask(postgres.connectionString, 'create table kept as select 42 as answer; checkpoint');
    expect((await stat(closed)).mode & 0o777).toBe(0o700);
  });
});

describe('the package of binaries', () => {
  let packageDir: string;

  beforeEach(async () => {
    await copyMade();
    packageDir = path.join(home, 'package');
    await cp(findBinariesPackage(), packageDir, { recursive: true, verbatimSymlinks: true, filter: (source) => !source.endsWith('.a') });
  });

  test('gets the library links that npm left out', async () => {
    const links = JSON.parse(await readFile(path.join(packageDir, 'native', 'pg-symlinks.json'), 'utf8')) as { target: string }[];
    await Promise.all(links.map(({ target }) => rm(path.join(packageDir, target), { force: true })));
    await start({ packageDir });
    for (const { target } of links) expect((await lstat(path.join(packageDir, target))).isSymbolicLink()).toBe(true);
  });

  test.skipIf(!isRoot)('is copied once when it lies below a directory that only root may enter (needs root)', async () => {
    await chmod(packageDir, 0o700);
    await (await start({ packageDir })).stop();
    const copies = (await readdir(home)).filter((name) => name.startsWith('postgres-'));
    expect(copies).toEqual([expect.stringMatching(/^postgres-18\.\d/)]);
    const made = await stat(path.join(home, copies[0] ?? ''));
    await start({ packageDir });
    expect((await stat(path.join(home, copies[0] ?? ''))).ino).toBe(made.ino);
  });
});
