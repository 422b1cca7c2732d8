import { execFile } from 'node:child_process';
import { readFile, readlink } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

/** Part of the command line of Postgres, so that a process that finds it running can tell its owner. */
export const ownerSetting = 'safelight.owner';

/**
 * The process that holds the data directory, judged by `postmaster.pid` and by the process it names:
 * - `free`: nobody holds it, and nothing is left behind that Postgres would not clear away itself;
 * - `stale`: the file names a process that is no longer a Postgres of this directory: its number was reused (the rule in containers), or
 *   it is a zombie. It answers to signals, so Postgres would refuse to start over it;
 * - `held`: a Postgres of this directory runs. `owner` is the process that started it, if known.
 */
export type Holder = { state: 'free' } | { state: 'stale' } | { state: 'held'; postmaster: number; owner: number | undefined };

export async function findHolder(dataDir: string): Promise<Holder> {
  const postmaster = await postmasterPid(dataDir);
  if (postmaster === undefined || !exists(postmaster)) return { state: 'free' };
  if (!(await isRunning(postmaster))) return { state: 'stale' };
  const command = await commandLine(postmaster);
  // We may not inspect that process: better to refuse to start than to run two on one directory.
  if (command === undefined) return { state: 'held', postmaster, owner: undefined };
  const isPostgres = /(^|\/)postgres( |$)/.test(command) && !command.startsWith('sh ');
  const isOfThisDir = command.includes(` -D ${dataDir} `) || (await workingDirectory(postmaster)) === dataDir;
  if (!isPostgres || !isOfThisDir) return { state: 'stale' };
  const owner = new RegExp(`${ownerSetting}=(\\d+)`).exec(command)?.[1];
  return { state: 'held', postmaster, owner: owner === undefined ? undefined : Number(owner) };
}

export async function postmasterPid(dataDir: string): Promise<number | undefined> {
  const text = await readFile(`${dataDir}/postmaster.pid`, 'utf8').catch(() => '');
  const pid = Number.parseInt(text, 10);
  return Number.isInteger(pid) && pid > 0 ? pid : undefined;
}

/** A zombie does not run, although it can still be signalled: in a container without an init process nobody reaps it. */
export async function isRunning(pid: number): Promise<boolean> {
  if (!exists(pid)) return false;
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  return stat === undefined || !/^\d+ \(.*\) [ZX]/s.test(stat);
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** Ends a Postgres whose owner is gone: a fast shutdown, then an immediate one, then SIGKILL. After each of the three the database starts again. */
export async function shutDown(postmaster: number, signal?: AbortSignal): Promise<void> {
  for (const [name, patience] of [
    ['SIGINT', 10_000],
    ['SIGQUIT', 5_000],
    ['SIGKILL', 5_000],
  ] as const) {
    try {
      process.kill(postmaster, name);
    } catch {
      return;
    }
    for (const deadline = performance.now() + patience; performance.now() < deadline;) {
      if (!(await isRunning(postmaster))) return;
      await delay(10, undefined, signal === undefined ? {} : { signal });
    }
  }
  throw new Error(`Postgres (process ${postmaster}) does not end, not even by SIGKILL: its disk may hang.`);
}

/** The command line of a process, joined by spaces; undefined when we may not read it. */
async function commandLine(pid: number): Promise<string | undefined> {
  if (process.platform === 'linux') {
    const words = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => undefined);
    return words?.replaceAll('\0', ' ');
  }
  const { stdout } = await promisify(execFile)('ps', ['-ww', '-o', 'args=', '-p', String(pid)]).catch(() => ({ stdout: '' }));
  return stdout === '' ? undefined : `${stdout.trim()} `;
}

const workingDirectory = (pid: number): Promise<string | undefined> => readlink(`/proc/${pid}/cwd`).catch(() => undefined);
