import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

import { build } from 'esbuild';
import { expect, test } from 'vitest';

const kit = path.resolve(import.meta.dirname, '../../react');

/** Kilobytes (of 1000) that the kit adds to a page that has React and the client already, as its server would send it. */
async function addedKilobytes(entry: string): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents: entry, resolveDir: import.meta.dirname },
    absWorkingDir: kit,
    conditions: ['safelight-source'],
    external: ['react', 'react/jsx-runtime', '@safelight/client'],
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    jsx: 'automatic',
    target: 'es2022',
    logLevel: 'silent',
  });
  return gzipSync(outputFiles[0]?.contents ?? new Uint8Array(), { level: 9 }).length / 1000;
}

test('the hooks, everything, and the looks are as small as they have to be', async () => {
  const source = (file: string): string => JSON.stringify(path.join(kit, 'src', file));
  const styles = gzipSync(readFileSync(path.join(kit, 'src/styles.css')), { level: 9 }).length / 1000;
  const sizes = {
    hooks: await addedKilobytes(`export * from ${source('hooks.ts')};`),
    all: await addedKilobytes(`export * from ${source('index.ts')};`),
    styles,
  };
  expect(sizes.hooks, JSON.stringify(sizes)).toBeLessThanOrEqual(6.5);
  expect(sizes.all, JSON.stringify(sizes)).toBeLessThanOrEqual(16);
  expect(sizes.styles, JSON.stringify(sizes)).toBeLessThanOrEqual(4);
});

test('every file says that it is for the client side, which frameworks with server components ask for', () => {
  for (const name of readdirSync(path.join(kit, 'src')).filter((file) => /(?<!\.test)\.tsx?$/.test(file)))
    expect(readFileSync(path.join(kit, 'src', name), 'utf8').startsWith("'use client';\n"), name).toBe(true);
});
