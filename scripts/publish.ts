// Publishes the packages that `pack:check` has checked, with provenance: who built them, from which commit. Only in CI, for a tag.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { packPackages } from './pack-packages.ts';
import { runQuietly } from './run-quietly.ts';

const root = resolve(import.meta.dirname, '..');
const tag = process.env['GITHUB_REF_NAME'];
const { version } = JSON.parse(readFileSync(resolve(root, 'packages/server/package.json'), 'utf8')) as { version: string };
if (tag !== `v${version}`) throw new Error(`The tag is ${tag ?? 'missing'}, the packages are of version ${version}: tag v${version}.`);

const folder = mkdtempSync(resolve(tmpdir(), 'safelight-publish-'));
try {
  for (const { name, tarball } of packPackages(folder)) {
    runQuietly('npm', ['publish', tarball, '--provenance', '--access', 'public'], root);
    console.log(`${name} ${version} is published.`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
