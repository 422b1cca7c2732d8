import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

import { build } from 'esbuild';
import { expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '../../..');

/** Kilobytes (of 1000) that a page loads for the imports of `entry`, bundled and compressed. */
async function loadedKilobytes(entry: string): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents: entry, resolveDir: import.meta.dirname },
    conditions: ['safelight-source'],
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    logLevel: 'silent',
  });
  return gzipSync(outputFiles[0]?.contents ?? new Uint8Array(), { level: 9 }).length / 1000;
}

test('the client is as small as its documentation says', async () => {
  const stated = Number(/`@safelight\/client` adds ([\d.]+) KB/.exec(readFileSync(path.join(root, 'docs/uploads.md'), 'utf8'))?.[1]);
  const loaded = await loadedKilobytes(`export { createClient } from '@safelight/client';`);
  expect(loaded).toBeLessThanOrEqual(stated);
  // A documented size that is far off is useless.
  expect(loaded).toBeGreaterThan(stated * 0.85);
});
