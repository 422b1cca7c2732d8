import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';

type Locked = { optionalDependencies?: Record<string, string>; libc?: string[]; resolved?: string; link?: boolean };

const root = resolve(import.meta.dirname, '..');
const lockFiles = globSync('**/package-lock.json', { cwd: root, exclude: ['**/node_modules'] });
const read = (file: string): string => readFileSync(resolve(root, file), 'utf8');
const packagesOf = (file: string): Record<string, Locked> => (JSON.parse(read(file)) as { packages: Record<string, Locked> }).packages;

/** Where Node would find the package, from `from`: in each folder upwards. */
function find(packages: Record<string, Locked>, name: string, from: string): Locked | undefined {
  for (let at: string | undefined = from; at !== undefined; at = at === '' ? undefined : at.slice(0, Math.max(0, at.lastIndexOf('/')))) {
    const locked = packages[`${at === '' ? '' : `${at}/`}node_modules/${name}`];
    if (locked !== undefined) return locked;
  }
  return undefined;
}

// An npm that finds one missing reports that the lock file is out of date, and `npm ci` fails on every machine.
test.each(lockFiles)('%s names the packages of every system, not only of the one it was written on', (file) => {
  const packages = packagesOf(file);
  const missing = Object.entries(packages).flatMap(([at, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((name) => find(packages, name, at) === undefined)
      .map((name) => `${name} of ${at}`),
  );
  expect(missing).toEqual([]);
});

// npm 10 removes `libc` and later versions accept files without it, so that only without it all agree.
test('the lock file of the workspaces contains nothing that one npm writes and another removes', () => {
  expect(Object.entries(packagesOf('package-lock.json')).filter(([, { libc }]) => libc !== undefined)).toEqual([]);
});

test.each(lockFiles)('%s names no registry, so that any may be used', (file) => {
  expect(read(file)).not.toMatch(/https?:\/\/[^"]+\.tgz/);
  expect(Object.values(packagesOf(file)).filter(({ resolved, link }) => resolved !== undefined && link !== true)).toEqual([]);
});
