// The packed packages in the kinds of application that they are for: an app bundled by Vite, a server that renders, and an app without a DOM, bundled
// like Expo does. Each is type-checked with all declarations of the libraries.
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build as bundle } from 'esbuild';
import { build as buildWithVite } from 'vite';
import type { Packed } from './pack-packages.ts';
import { runQuietly } from './run-quietly.ts';

const root = resolve(import.meta.dirname, '..');

const app = `import { GeneratePanel, MediaAudio, MediaGallery, MediaImage, MediaLibrary, MediaUploader, MediaVideo, SafelightProvider, useMediaLibrary, useMediaUpload } from '@safelight/react';
import { createFileCheck, FilePreview } from '@safelight/react/files';
import { german } from '@safelight/react/german';
import { createClient } from '@safelight/client';

const client = createClient({ baseURL: 'https://media.example.com', token: async () => 'token' });
const { check } = createFileCheck(client);

function Page() {
  const { upload, isUploading, progress, error, files } = useMediaUpload({ collection: 'user.library', check });
  const library = useMediaLibrary();
  return (
    <>
      <MediaUploader upload={upload} isUploading={isUploading} progress={progress} onUploadComplete={({ url, path, media }) => console.log(url, path, media.id)} />
      {error ? <p>{error.code}</p> : null}
      {files.map(({ id, name, source }) => <FilePreview key={id} source={source}>{name}</FilePreview>)}
      <MediaLibrary {...library} onDelete={(path) => void path} />
      <MediaGallery items={library.items} onMove={(key, to) => console.log(key, to)} />
      {library.items.map((media) => (
        <div key={media.id}>
          <MediaImage media={media} priority />
          <MediaVideo media={media} />
          <MediaAudio media={media} />
        </div>
      ))}
      <GeneratePanel />
    </>
  );
}

export const app = (
  <SafelightProvider client={client} labels={german}>
    <Page />
  </SafelightProvider>
);
`;

/** The browser features of React Native, according to its own declarations; any other global that the packages use does not exist there. */
const nativeGlobals = `declare class Blob { readonly size: number; readonly type: string; slice(start?: number, end?: number, type?: string): Blob }
declare class File extends Blob { readonly name: string; readonly lastModified: number }
declare class FormData { append(name: string, value: unknown, fileName?: string): void }
declare class Headers { get(name: string): string | null; set(name: string, value: string): void }
declare class AbortSignal { readonly aborted: boolean; readonly reason?: unknown; addEventListener(name: 'abort', listener: () => void): void; removeEventListener(name: 'abort', listener: () => void): void }
declare class Response { readonly ok: boolean; readonly status: number; readonly headers: Headers; json(): Promise<unknown>; text(): Promise<string> }
interface RequestInit { method?: string; body?: unknown; signal?: AbortSignal | null }
declare function fetch(input: string, init?: RequestInit): Promise<Response>;
`;

const native = `import { createClient, type UploadResult } from '@safelight/client';
import { useJob, useMediaLibrary, useMediaUpload } from '@safelight/react/hooks';

export const client = createClient({ baseURL: 'https://media.example.com', token: 'token' });

/** The result of an Expo picker. */
export async function useScreen(asset: { uri: string; fileName?: string; mimeType?: string }): Promise<UploadResult> {
  const { upload } = useMediaUpload({ headers: () => ({ authorization: 'Bearer token' }) });
  useMediaLibrary({ kind: 'image' });
  useJob(null);
  return await upload({ uri: asset.uri, name: asset.fileName, type: asset.mimeType });
}
`;

/** Type-checks files of an application, with all declarations of its libraries. */
export const compile = (folder: string, files: string[], options: string[]): void => {
  const strict = [
    '--noEmit',
    '--strict',
    '--module',
    'esnext',
    '--moduleResolution',
    'bundler',
    '--target',
    'esnext',
    '--skipLibCheck',
    'false',
    '--ignoreConfig',
  ];
  runQuietly(process.execPath, [resolve(root, 'node_modules/typescript/bin/tsc'), ...strict, ...options, ...files], folder);
};

const kilobytes = (bytes: Uint8Array): string => `${(gzipSync(bytes, { level: 9 }).length / 1000).toFixed(1)} kB`;

/** A browser application, built like Vite does. */
async function checkVite(project: string): Promise<void> {
  const folder = resolve(project, 'vite-app');
  mkdirSync(folder);
  writeFileSync(resolve(folder, 'app.tsx'), app);
  writeFileSync(
    resolve(folder, 'main.tsx'),
    `import '@safelight/react/styles.css';\nimport { createRoot } from 'react-dom/client';\nimport { app } from './app';\ncreateRoot(document.body).render(app);\n`,
  );
  writeFileSync(resolve(folder, 'css.d.ts'), `declare module '*.css';\n`);
  writeFileSync(resolve(folder, 'index.html'), '<!doctype html><title>App</title><script type="module" src="/main.tsx"></script>');
  compile(folder, ['app.tsx', 'main.tsx', 'css.d.ts'], ['--jsx', 'react-jsx', '--lib', 'esnext,dom,dom.iterable', '--types', '']);
  await buildWithVite({ root: folder, configFile: false, logLevel: 'error', build: { outDir: 'dist', assetsInlineLimit: 0 } });
  const assets = resolve(folder, 'dist/assets');
  const built = readdirSync(assets).map((name) => `${name.replace(/-[^.]*/, '')} ${kilobytes(readFileSync(resolve(assets, name)))}`);
  if (!built.some((name) => name.includes('.css'))) throw new Error('Vite found no styles in @safelight/react/styles.css.');
  console.log(`An app of Vite with React, the client and the whole kit: ${built.join(', ')} (compressed).`);
}

/** A server that renders, without a window and a document. */
async function checkServer(project: string): Promise<void> {
  const folder = resolve(project, 'server-app');
  mkdirSync(folder);
  writeFileSync(resolve(folder, 'app.tsx'), app);
  writeFileSync(
    resolve(folder, 'render.tsx'),
    `import { renderToString } from 'react-dom/server';\nimport { app } from './app';\nconst html = renderToString(app);\nif (!html.includes('<button')) throw new Error('The server rendered no button: ' + html);\n`,
  );
  compile(folder, ['render.tsx'], ['--jsx', 'react-jsx', '--lib', 'esnext,dom', '--types', '']);
  // The packages are external: Node loads them from where they are installed.
  await bundle({
    entryPoints: [resolve(folder, 'render.tsx')],
    outfile: resolve(folder, 'render.mjs'),
    bundle: true,
    format: 'esm',
    platform: 'node',
    jsx: 'automatic',
    packages: 'external',
    logLevel: 'error',
  });
  runQuietly(process.execPath, ['render.mjs'], folder);
}

/** A React Native application: hooks alone, and nothing that needs a document. */
async function checkNative(project: string): Promise<void> {
  const folder = resolve(project, 'native-app');
  mkdirSync(folder);
  writeFileSync(resolve(folder, 'screen.ts'), native);
  writeFileSync(resolve(folder, 'globals.d.ts'), nativeGlobals);
  compile(folder, ['screen.ts', 'globals.d.ts'], ['--lib', 'esnext', '--types', '']);
  const { outputFiles } = await bundle({
    entryPoints: [resolve(folder, 'screen.ts')],
    bundle: true,
    write: false,
    minify: true,
    format: 'iife',
    platform: 'neutral',
    mainFields: ['react-native', 'module', 'main'],
    conditions: ['react-native'],
    external: ['react'],
    target: 'es2020',
    logLevel: 'error',
  });
  const [script] = outputFiles;
  if (!script) throw new Error('Nothing was bundled.');
  if (/\bdocument\b/.test(script.text)) throw new Error('What an app of React Native loads names a document.');
  console.log(`What an app of React Native loads: ${kilobytes(script.contents)} (compressed).`);
}

/** Frameworks with server components look for the directive in each built file. */
const checkDirectives = (project: string): void => {
  const folder = resolve(project, 'node_modules/@safelight/react/dist');
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.js')))
    if (!/^['"]use client['"]/.test(readFileSync(resolve(folder, name), 'utf8')))
      throw new Error(`dist/${name} of @safelight/react does not begin with 'use client'.`);
};

export async function checkConsumers(project: string, packages: readonly Packed[]): Promise<void> {
  if (!packages.some(({ name }) => name === '@safelight/react')) throw new Error('@safelight/react was not packed.');
  checkDirectives(project);
  await checkVite(project);
  await checkServer(project);
  await checkNative(project);
}
