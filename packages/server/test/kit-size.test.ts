import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

import { build } from 'esbuild';
import { expect, test } from 'vitest';

const kit = path.resolve(import.meta.dirname, '../../react');

async function bundle(contents: string): Promise<{ bytes: Uint8Array; exports: string[] }> {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: path.join(kit, 'src') },
    absWorkingDir: kit,
    conditions: ['safelight-source'],
    define: { 'process.env.NODE_ENV': '"production"' },
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'browser',
    jsx: 'automatic',
    target: 'es2022',
    logLevel: 'silent',
  });
  const [output] = Object.values(metafile.outputs);
  return { bytes: outputFiles[0]?.contents ?? new Uint8Array(), exports: output?.exports ?? [] };
}

/** An application that has React and the client already, and uses all of them. */
const application = `import * as react from 'react'; import * as jsx from 'react/jsx-runtime'; import * as client from '@safelight/client'; globalThis.app = [react, jsx, client];`;

/** Kilobytes (of 1000) that an entry adds to the script of such an application, compressed; for all exports or the named ones. */
async function addedKilobytes(entry: string, named?: string[]): Promise<number> {
  const used = named ?? (await bundle(`export * from './${entry}';`)).exports;
  const [without, together] = await Promise.all([
    bundle(application),
    bundle(`${application} import { ${used.join(', ')} } from './${entry}'; globalThis.kit = [${used.join(', ')}];`),
  ]);
  const packed = (bytes: Uint8Array): number => gzipSync(bytes, { level: 9 }).length / 1000;
  return packed(together.bytes) - packed(without.bytes);
}

test('the hooks, everything, and the styles are within their size limits', async () => {
  const styles = gzipSync(readFileSync(path.join(kit, 'src/styles.css')), { level: 9 }).length / 1000;
  const sizes = {
    hooks: await addedKilobytes('hooks.ts'),
    upload: await addedKilobytes('hooks.ts', ['useMediaUpload']),
    all: await addedKilobytes('index.ts'),
    files: await addedKilobytes('files.ts'),
    styles,
  };
  expect(sizes.hooks, JSON.stringify(sizes)).toBeLessThanOrEqual(5);
  expect(sizes.all, JSON.stringify(sizes)).toBeLessThanOrEqual(16);
  expect(sizes.files, JSON.stringify(sizes)).toBeLessThanOrEqual(2);
  expect(sizes.styles, JSON.stringify(sizes)).toBeLessThanOrEqual(4);
  // An application that uses one hook does not load the others.
  expect(sizes.upload, JSON.stringify(sizes)).toBeLessThanOrEqual(2.2);
});

test('every file has the "use client" directive, which frameworks with server components require', () => {
  for (const name of readdirSync(path.join(kit, 'src')).filter((file) => /(?<!\.test)\.tsx?$/.test(file)))
    expect(readFileSync(path.join(kit, 'src', name), 'utf8').startsWith("'use client';\n"), name).toBe(true);
});
