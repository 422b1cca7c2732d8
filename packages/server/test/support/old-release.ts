import { execFile, execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { mkdir, readdir, readFile, symlink } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

import { isOfFirstRelease } from '../../src/lib/former-migrations.ts';

const repository = path.resolve(import.meta.dirname, '../../../..');
const migrations = 'packages/server/migrations';
const run = promisify(execFile);

/** The commits that changed (or `A`dded) one of those files, the last one first; none if there is no history, as in an archive. */
function commitsTo(files: readonly string[], filter = ''): string[] {
  try {
    const args = ['log', '--format=%H', ...(filter === '' ? [] : [`--diff-filter=${filter}`]), '--', ...files];
    return execFileSync('git', args, { cwd: repository, encoding: 'utf8', stdio: 'pipe' }).split('\n').filter(Boolean);
  } catch {
    return [];
  }
}

/** Whether its files exist, and some migration of today is not among them: in a shallow clone, the last commit seems to have added everything. */
function isOlder(commit: string): boolean {
  try {
    const args = ['ls-tree', '--name-only', `${commit}:${migrations}`];
    const then = execFileSync('git', args, { cwd: repository, encoding: 'utf8', stdio: 'pipe' }).split('\n');
    return readdirSync(path.join(repository, migrations)).some((name) => !then.includes(name));
  } catch {
    return false;
  }
}

/** `startsAgain`: also on a database with additions. The code of the first schema still refused that. */
export type OldRelease = { name: string; commit: string; startsAgain: boolean };

/** Commits to upgrade from: the first with the schema of the first release, and the one before the newest migration. */
export function oldReleases(): OldRelease[] {
  const released = readdirSync(path.join(repository, migrations))
    .filter(isOfFirstRelease)
    .map((name) => `${migrations}/${name}`);
  // Later commits may have changed words in these files.
  const first = commitsTo(released).find(isOlder);
  const [newest] = commitsTo([migrations], 'A');
  return [
    { name: 'the schema of the first release', commit: first, startsAgain: false },
    { name: 'the newest migration but one', commit: newest && `${newest}^`, startsAgain: true },
  ].flatMap(({ commit, ...rest }) => (commit !== undefined && isOlder(commit) ? [{ ...rest, commit }] : []));
}

/** Writes the files of that commit, which run with the packages that are installed here. */
export async function checkOut(commit: string, directory: string): Promise<void> {
  const archive = path.join(directory, '.archive.tar');
  await run('git', ['archive', '--output', archive, commit], { cwd: repository });
  await run('tar', ['-xf', archive, '-C', directory]);
  const modules = path.join(directory, 'node_modules');
  await mkdir(path.join(modules, '@safelight'), { recursive: true });
  for (const name of await readdir(path.join(repository, 'node_modules')))
    if (name !== '@safelight') await symlink(path.join(repository, 'node_modules', name), path.join(modules, name));
  for (const workspace of ['packages', 'apps']) {
    for (const name of await readdir(path.join(directory, workspace))) {
      const at = path.join(directory, workspace, name);
      const { name: published } = JSON.parse(await readFile(path.join(at, 'package.json'), 'utf8')) as { name: string };
      await symlink(at, path.join(modules, published));
      const own = path.join(repository, workspace, name, 'node_modules');
      if (await readdir(own).catch(() => null)) await symlink(own, path.join(at, 'node_modules'));
    }
  }
}
