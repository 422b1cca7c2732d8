// Builds the console into a folder:
//   node --conditions=safelight-source apps/console/build.ts <folder>
// The folder appears as a whole or not at all, so that a server that reads it never meets half of it.
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

import { build, stop, type Metafile } from 'esbuild';

const here = path.dirname(fileURLToPath(import.meta.url));

async function buildConsole(folder: string): Promise<void> {
  const result = await build({
    entryPoints: [
      { in: path.join(here, 'src/main.tsx'), out: 'console' },
      { in: path.join(here, 'src/theme.ts'), out: 'theme' },
      { in: path.join(here, 'src/icon.svg'), out: 'icon' },
    ],
    outdir: path.join(here, 'assets'),
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    // Each page is a file of its own, loaded when it is gone to.
    splitting: true,
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: 'esm',
    jsx: 'automatic',
    conditions: ['safelight-source'],
    // A fifth of React's own weight; docs/decisions/the-console-runs-on-preact.md.
    alias: { react: 'preact/compat', 'react-dom': 'preact/compat', 'react/jsx-runtime': 'preact/jsx-runtime', 'react-dom/client': 'preact/compat/client' },
    target: ['chrome123', 'firefox128', 'safari17.5'],
    loader: { '.svg': 'copy' },
    define: { 'process.env.NODE_ENV': '"production"' },
    legalComments: 'none',
    logLevel: 'error',
  });
  const names = result.outputFiles.map((file) => path.basename(file.path));
  const nameOf = (stem: string, extension: string): string => {
    const name = names.find((one) => one.startsWith(`${stem}-`) && one.endsWith(extension));
    if (name === undefined) throw new Error(`The build made no ${stem}${extension}; it made ${names.join(', ')}.`);
    return `assets/${name}`;
  };
  // What the first script imports is asked for together with it, not after it.
  const preloads = importedBy(result.metafile, nameOf('console', '.js')).map((name) => `<link rel="modulepreload" href="/console/assets/${name}">`);
  const template = await readFile(path.join(here, 'src/index.html'), 'utf8');
  const index = template
    .replace('{{theme}}', nameOf('theme', '.js'))
    .replace('{{style}}', nameOf('console', '.css'))
    .replace('{{script}}', nameOf('console', '.js'))
    .replace('{{preloads}}', preloads.join('\n    '))
    .replace('{{icon}}', nameOf('icon', '.svg'));

  const unfinished = `${folder}.${process.pid}`;
  await mkdir(path.join(unfinished, 'assets'), { recursive: true });
  await writeFile(path.join(unfinished, 'index.html'), index);
  for (const file of result.outputFiles) {
    const target = path.join(unfinished, 'assets', path.basename(file.path));
    await writeFile(target, file.contents);
    await writeFile(`${target}.gz`, await promisify(gzip)(file.contents, { level: 9 }));
  }
  await rename(unfinished, folder).catch(async (error: NodeJS.ErrnoException) => {
    await rm(unfinished, { recursive: true, force: true });
    // Somebody else built the same sources first: theirs is as good.
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
  });
}

/** The files that a built one imports before it runs, and those that they import. */
function importedBy({ outputs }: Metafile, name: string, known = new Set<string>()): string[] {
  const output = Object.entries(outputs).find(([file]) => file.endsWith(name))?.[1];
  for (const { path: file, kind } of output?.imports ?? []) {
    const imported = path.basename(file);
    if (kind !== 'import-statement' || known.has(imported)) continue;
    known.add(imported);
    importedBy({ outputs, inputs: {} }, imported, known);
  }
  return [...known];
}

const [folder] = process.argv.slice(2);
if (!folder) throw new Error('Say where to: node apps/console/build.ts <folder>');
await buildConsole(path.resolve(folder));
await stop();
