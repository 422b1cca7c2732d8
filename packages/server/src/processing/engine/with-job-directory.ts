import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Runs `use` in a private directory in which the source is called `in`; it goes with all that lies in it, however `use` ends. */
export async function withJobDirectory<Result>(file: string, use: (directory: string) => Promise<Result>): Promise<Result> {
  const directory = await mkdtemp(path.join(tmpdir(), 'safelight-motion-'));
  try {
    await symlink(path.resolve(file), path.join(directory, 'in'));
    return await use(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
