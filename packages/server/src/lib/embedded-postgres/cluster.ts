import { execFile, type ExecFileOptions } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chown, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

import type { Account } from './account.ts';
import type { Binaries } from './binaries.ts';
import { isRunning } from './holder.ts';
import { EmbeddedPostgresRefusal } from './refusal.ts';

export const role = 'safelight';

/** Creates the cluster if there is none; refuses one from another major version of Postgres. */
export async function ensureCluster(dataDir: string, binaries: Binaries, account: Account, signal?: AbortSignal): Promise<'made' | 'found'> {
  const found = await readFile(path.join(dataDir, 'PG_VERSION'), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new EmbeddedPostgresRefusal(
      `The database in ${dataDir} cannot be read (${error.code}). It belongs to the account that made it: start Safelight under that account, or change its owner with chown -R.`,
      { cause: error },
    );
  });
  if (found === undefined) {
    await makeCluster(dataDir, binaries, account, signal);
    return 'made';
  }
  if (found.trim() !== binaries.major) {
    throw new EmbeddedPostgresRefusal(
      `The database in ${dataDir} was written by PostgreSQL ${found.trim()}, and this Safelight brings PostgreSQL ${binaries.major}, which cannot read it. Start the Safelight version that wrote it, or run a PostgreSQL ${found.trim()} server on it and set DATABASE_URL.`,
    );
  }
  return 'found';
}

/** Refuses a directory that is no cluster, or none any more. */
export async function requireCluster(dataDir: string): Promise<void> {
  if (existsSync(path.join(dataDir, 'PG_VERSION'))) return;
  throw new EmbeddedPostgresRefusal(`The database in ${dataDir} is not there any more. Put it back, or mount its disk, and start Safelight again.`);
}

/** Atomic and durable: created beside its place and renamed, so that a killed start leaves no partial database. */
async function makeCluster(dataDir: string, binaries: Binaries, account: Account, signal: AbortSignal | undefined): Promise<void> {
  const parent = path.dirname(dataDir);
  const unfinished = `${dataDir}.new-${process.pid}`;
  await mkdir(parent, { recursive: true });
  await removeAbandoned(dataDir);
  await mkdir(unfinished, { mode: 0o700 });
  try {
    if (account.owner !== undefined) await chown(unfinished, account.owner.uid, account.owner.gid);
    // Names sort and compare by code point, the same on every machine and libc; case conversion still follows Unicode.
    const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
    const { file, args, ids } = account.command(binaries.initdb, ['-D', unfinished, `--username=${role}`, '--auth=trust', '--no-instructions', ...locale]);
    await run(file, args, { ...ids, cwd: unfinished, env: postgresEnvironment(), ...(signal && { signal }) });
    await rename(unfinished, dataDir);
    await syncDirectory(parent);
  } catch (cause) {
    await rm(unfinished, { recursive: true, force: true });
    // Of two created at the same moment, the other one is as good.
    if (existsSync(path.join(dataDir, 'PG_VERSION'))) return;
    throw failedToMake(dataDir, cause);
  }
}

/** Settles when the process is gone, even after an abort: it must not write into a directory that is being removed. */
async function run(file: string, args: string[], options: ExecFileOptions): Promise<void> {
  const closed = Promise.withResolvers<void>();
  const running = promisify(execFile)(file, args, options);
  running.child.once('close', () => closed.resolve());
  await running.finally(() => closed.promise);
}

function failedToMake(dataDir: string, cause: unknown): unknown {
  const { code, stderr, name } = cause as { code?: string | number; stderr?: string; name?: string };
  if (name === 'AbortError') return cause;
  if (code === 'ENOTEMPTY' || code === 'EEXIST' || code === 'ENOTDIR') {
    return new EmbeddedPostgresRefusal(
      `${dataDir} holds something else than a database, so none was made there. Empty it, or choose another directory with SAFELIGHT_DATA_DIR.`,
      { cause },
    );
  }
  return new Error(`The database in ${dataDir} could not be made: ${stderr?.trim() || (cause as Error).message}`, { cause });
}

/** Removes what starts that were killed while creating a cluster left behind. */
async function removeAbandoned(dataDir: string): Promise<void> {
  const prefix = `${path.basename(dataDir)}.new-`;
  for (const name of await readdir(path.dirname(dataDir))) {
    const pid = name.startsWith(prefix) ? Number(name.slice(prefix.length)) : undefined;
    if (pid === undefined || (pid !== process.pid && (await isRunning(pid)))) continue;
    await rm(path.join(path.dirname(dataDir), name), { recursive: true, force: true });
  }
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  await handle.sync().finally(() => handle.close());
}

/** Nothing in our environment that could change the behaviour of Postgres (PGDATA, LC_ALL, TZ, secrets) is passed on. */
export const postgresEnvironment = (): NodeJS.ProcessEnv => ({ PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' });
