/**
 * The acceptance suite on each provider's counterpart, one after the other: Ceph's gateway for S3, Azurite, the strict stub of Google Cloud, and the
 * store in memory.
 *
 *   npm run test:providers                  all of it, on all four
 *   npm run test:providers -- s3 azure      on some of them
 *   npm run test:providers -- --bytes       only the files that are about bytes: half of the time
 *   npm run test:providers -- gcs tus walk  some files
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';

import { providerKinds, whyNoProvider } from '../packages/server/test/support/provider.ts';

/** Uploads, deliveries, and the ledger. */
const aboutBytes = ['walk', 'direct', 'presigned', 'multipart', 'tus.test', 'delivery', 'records', 'discrepancies', 'refusals', 'listing-photos'];

const given = process.argv.slice(2);
const isProvider = (name: string): boolean => providerKinds.some((kind) => kind === name);
const chosen = providerKinds.filter((kind) => given.includes(kind));
const files = given.includes('--bytes') ? aboutBytes : given.filter((name) => !isProvider(name));

const root = path.resolve(import.meta.dirname, '..');
const lines: string[] = [];
let failed = false;
for (const kind of chosen.length > 0 ? chosen : providerKinds) {
  const reason = whyNoProvider(kind);
  if (reason !== null) {
    lines.push(`${kind}: not checked: ${reason}`);
    continue;
  }
  const startedAt = performance.now();
  const { status } = spawnSync(
    process.execPath,
    ['--conditions=safelight-source', path.join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--project', 'acceptance', ...files],
    { cwd: root, stdio: 'inherit', env: { ...process.env, SAFELIGHT_ACCEPTANCE_STORAGE: kind } },
  );
  failed ||= status !== 0;
  lines.push(`${kind}: ${status === 0 ? 'passed' : 'failed'} in ${Math.round((performance.now() - startedAt) / 1000)} s`);
}
process.stdout.write(`\n${lines.join('\n')}\n`);
process.exitCode = failed ? 1 : 0;
