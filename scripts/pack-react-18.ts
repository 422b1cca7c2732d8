// The packed kit with the oldest React that it supports: type-checked with that React's declarations, rendered by a server, hydrated in strict mode
// by a browser, and then used for an upload to the packed server.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { build } from 'esbuild';
import sharp from 'sharp';
import { compile } from './pack-consumers.ts';
import { startPacked } from './pack-init.ts';
import type { Packed } from './pack-packages.ts';
import { runQuietly } from './run-quietly.ts';
import { visitSilently } from './visit-silently.ts';

const react = ['react@18.2.0', 'react-dom@18.2.0', '@types/react@18.2.79', '@types/react-dom@18.2.25'];

const page = `import { StrictMode } from 'react';
import { MediaGallery, MediaImage, MediaLibrary, MediaUploader, MediaVideo, SafelightProvider, useJob, useMediaLibrary, useMediaUpload } from '@safelight/react';
import { MediaReview } from '@safelight/react/review';
import { createClient } from '@safelight/client';

export type Place = { baseURL: string; token: string };

function Uploads() {
  const { upload, isUploading, progress, files } = useMediaUpload({ collection: 'user.library' });
  const library = useMediaLibrary();
  useJob(null);
  return (
    <>
      <MediaUploader upload={upload} isUploading={isUploading} progress={progress} />
      <p>{files.map(({ state }) => state).join(' ')}</p>
      <MediaLibrary {...library} />
      <MediaGallery items={library.items} onMove={() => undefined} />
      {library.items.map((media) => (media.kind === 'video' ? <MediaVideo key={media.id} media={media} /> : <MediaImage key={media.id} media={media} priority />))}
    </>
  );
}

export const page = ({ baseURL, token }: Place) => (
  <StrictMode>
    <SafelightProvider client={createClient({ baseURL, token })}>
      <Uploads />
      <MediaReview />
    </SafelightProvider>
  </StrictMode>
);
`;
const onServer = `import { renderToString } from 'react-dom/server';
import { page } from './page';

process.stdout.write(renderToString(page({ baseURL: 'http://media.test/v1', token: 'token' })));
`;
const inBrowser = `import { hydrateRoot } from 'react-dom/client';
import { page, type Place } from './page';

declare const place: Place;
const root = document.getElementById('root');
if (root) hydrateRoot(root, page(place));
`;

export async function checkReact18(project: string, packages: readonly Packed[]): Promise<void> {
  const folder = resolve(project, '../react-18');
  mkdirSync(folder);
  writeFileSync(resolve(folder, 'package.json'), JSON.stringify({ name: 'react-18', private: true, type: 'module' }));
  const ours = packages.filter(({ name }) => name !== '@safelight/server').map(({ tarball }) => tarball);
  runQuietly('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error', ...ours, ...react], folder);
  for (const [name, text] of Object.entries({ 'page.tsx': page, 'server.tsx': onServer, 'browser.tsx': inBrowser })) writeFileSync(resolve(folder, name), text);
  writeFileSync(resolve(folder, 'process.d.ts'), 'declare const process: { stdout: { write(text: string): void } };\n');
  compile(folder, ['server.tsx', 'browser.tsx', 'process.d.ts'], ['--jsx', 'react-jsx', '--lib', 'esnext,dom,dom.iterable', '--types', '']);
  const bundle = { bundle: true, jsx: 'automatic', jsxDev: true, logLevel: 'error', define: { 'process.env.NODE_ENV': '"development"' } } as const;
  await build({ ...bundle, entryPoints: [resolve(folder, 'server.tsx')], outfile: resolve(folder, 'server.cjs'), platform: 'node', format: 'cjs' });
  await build({ ...bundle, entryPoints: [resolve(folder, 'browser.tsx')], outfile: resolve(folder, 'browser.js'), platform: 'browser', format: 'iife' });
  const html = runQuietly(process.execPath, ['server.cjs'], folder);
  const whyNot = await uploadInBrowser(project, html, readFileSync(resolve(folder, 'browser.js'), 'utf8'));
  console.log(`On React 18.2: type-checked, rendered by a server, ${whyNot === undefined ? 'taken over and uploaded in Chromium' : `not opened: ${whyNot}`}.`);
}

async function uploadInBrowser(project: string, html: string, script: string): Promise<string | undefined> {
  const product = await startPacked(project, 'ai-studio');
  try {
    const buffer = await sharp({ create: { width: 640, height: 480, channels: 3, background: '#4a6fa5' } })
      .jpeg()
      .toBuffer();
    return await visitSilently(async (visited) => {
      const place = JSON.stringify({ baseURL: product.url, token: product.token });
      await visited.route(`${product.url}/react-18/*`, (route) =>
        route.request().url().endsWith('.js')
          ? route.fulfill({ contentType: 'text/javascript; charset=utf-8', body: script })
          : route.fulfill({
              contentType: 'text/html; charset=utf-8',
              body: `<!doctype html><html lang="en"><title>React 18</title><div id="root">${html}</div><script>const place = ${place};</script><script src="page.js"></script></html>`,
            }),
      );
      await visited.goto(`${product.url}/react-18/`);
      await visited.locator('[data-state="empty"]').first().waitFor();
      const chooser = visited.waitForEvent('filechooser');
      await visited.getByRole('button', { name: 'Choose files' }).click();
      await (await chooser).setFiles([{ name: 'sea.jpg', mimeType: 'image/jpeg', buffer }]);
      await visited.locator('img').first().waitFor();
      await visited.getByText('sea.jpg').first().waitFor();
    });
  } finally {
    await product.stop();
  }
}
