// Checks that package-lock.json suits every npm in use: each installs from it, and none wants to change it. Copies only the files that npm reads, so
// that the checkout stays unchanged.
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { runQuietly } from './run-quietly.ts';

const root = resolve(import.meta.dirname, '..');
const folder = mkdtempSync(resolve(tmpdir(), 'safelight-lock-'));
const committed = readFileSync(resolve(root, 'package-lock.json'), 'utf8');

const { workspaces } = JSON.parse(readFileSync(resolve(root, 'package.json'), 'utf8')) as { workspaces: string[] };
const manifests = globSync(
  workspaces.map((workspace) => `${workspace}/package.json`),
  { cwd: root },
);

const copy = (): void => {
  for (const name of ['package.json', 'package-lock.json', '.npmrc', ...manifests]) {
    cpSync(resolve(root, name), resolve(folder, name));
  }
};

const check = (version: number): void => {
  const npm = (...args: string[]): string => runQuietly('npx', ['--yes', `npm@${version}`, ...args, '--ignore-scripts'], folder);
  copy();
  npm('ci', '--dry-run');
  npm('install', '--package-lock-only');
  if (readFileSync(resolve(folder, 'package-lock.json'), 'utf8') === committed) return;
  throw new Error(
    `"npm install" under npm ${version} changes package-lock.json. Make it so that all agree: ` +
      'run "npx npm@12 install --package-lock-only", then "npx npm@10 install --package-lock-only", and commit the result.',
  );
};

try {
  for (const version of [10, 11, 12]) check(version);
  console.log('npm 10, 11 and 12 install from package-lock.json and leave it as it is.');
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
