import { mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { temporaryError } from '../../storage/temporary-error.ts';

const prefix = 'safelight-motion-';
let sweeping: Promise<void> | null = null;

/** Runs `use` in a private directory that contains the source as `in`. The directory is removed afterwards, however `use` ends. */
export async function withJobDirectory<Result>(file: string, use: (directory: string) => Promise<Result>): Promise<Result> {
  const directory = await makeDirectory();
  try {
    await symlink(path.resolve(file), path.join(directory, 'in'));
    return await use(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function makeDirectory(): Promise<string> {
  try {
    await (sweeping ??= sweepLeft().catch(sweepNextTime));
    return await mkdtemp(path.join(tmpdir(), `${prefix}${process.pid}-`));
  } catch (error) {
    throw temporaryError(error);
  }
}

/** The temporary directory may be there for the next job. Never after a success: from then on, directories with our own process id are in use. */
function sweepNextTime(error: unknown): never {
  sweeping = null;
  throw error;
}

/** Removes directories of processes that were killed. */
async function sweepLeft(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const [, pid] = /^safelight-motion-(\d+)-/.exec(name) ?? [];
    if (pid !== undefined && isGone(Number(pid))) await rm(path.join(tmpdir(), name), { recursive: true, force: true });
  }
}

function isGone(pid: number): boolean {
  // A directory with our own process id is from an earlier process: we have made none yet.
  if (pid === process.pid) return true;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
