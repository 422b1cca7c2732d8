// The packed client and kit in a Next.js application: a server component that uses parts of the kit unchanged and a client component with its hooks,
// built for production, rendered by Next's server and hydrated by a browser.
import { mkdirSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { freePort } from '../packages/server/test/support/free-port.ts';
import { compile } from './pack-consumers.ts';
import type { Packed } from './pack-packages.ts';
import { runQuietly } from './run-quietly.ts';
import { startServer } from './start-server.ts';
import { visitSilently } from './visit-silently.ts';

const next = ['next@16.4.6', 'react@19.3.1', 'react-dom@19.3.1', '@types/react@19.3.0', '@types/react-dom@19.3.0', '@types/node@26.6.7', 'typescript@5.9.3'];

const files = {
  'app/layout.tsx': `import '@safelight/react/styles.css';
import type { ReactNode } from 'react';

export default function Layout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <body>{children}</body>
    </html>
  );
}
`,
  'app/library.tsx': `'use client';
import { MediaLibrary, useMediaLibrary, useMediaUpload } from '@safelight/react';

export function Library() {
  const { isUploading } = useMediaUpload();
  const library = useMediaLibrary();
  return <MediaLibrary {...library} isLoading={library.isLoading || isUploading} />;
}
`,
  'app/page.tsx': `import { MediaImage, MediaUploader, SafelightProvider } from '@safelight/react';
import { Library } from './library';

export const dynamic = 'force-dynamic';

export default function Page() {
  return (
    <SafelightProvider>
      <MediaUploader collection="user.library" camera />
      <MediaImage media={{ src: '/sea.webp', altText: 'The sea' }} priority />
      <Library />
    </SafelightProvider>
  );
}
`,
  'css.d.ts': `declare module '*.css';\n`,
  // Next's own declarations fail a check of all declarations; ours are checked separately.
  'next.config.mjs': 'export default { typescript: { ignoreBuildErrors: true } };\n',
  'package.json': JSON.stringify({ name: 'next-app', private: true }),
};

export async function checkNext(project: string, packages: readonly Packed[]): Promise<void> {
  const folder = resolve(project, '../next-app');
  mkdirSync(resolve(folder, 'app'), { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(resolve(folder, name), text);
  const ours = packages.filter(({ name }) => name !== '@safelight/server').map(({ tarball }) => tarball);
  runQuietly('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error', ...ours, ...next], folder);
  compile(folder, ['app/layout.tsx', 'app/page.tsx', 'app/library.tsx', 'css.d.ts'], ['--jsx', 'react-jsx', '--lib', 'esnext,dom,dom.iterable', '--types', '']);
  process.env['NEXT_TELEMETRY_DISABLED'] = '1';
  runQuietly(process.execPath, ['node_modules/next/dist/bin/next', 'build'], folder);
  const whyNot = await takeOver(folder);
  console.log(
    `In an app of Next.js: type-checked, built, rendered by its server, ${whyNot === undefined ? 'taken over in Chromium' : `not opened: ${whyNot}`}.`,
  );
}

async function takeOver(folder: string): Promise<string | undefined> {
  const port = await freePort();
  const args = ['node_modules/next/dist/bin/next', 'start', '--port', String(port), '--hostname', '127.0.0.1'];
  const server = await startServer(process.execPath, args, { cwd: folder, env: process.env, saysReady: /Ready in/, withinSeconds: 60 });
  try {
    const url = `http://127.0.0.1:${port}/`;
    const html = await (await fetch(url)).text();
    if (!html.includes('Choose files') || !html.includes('alt="The sea"')) throw new Error(`Next rendered no kit:\n${html.slice(0, 2000)}`);
    return await visitSilently(async (page) => {
      await page.goto(url);
      const chooser = page.waitForEvent('filechooser');
      await page.getByRole('button', { name: 'Choose files' }).click();
      await (await chooser).setFiles([{ name: 'sea.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('not a picture') }]);
      // There is no server behind this page; that the file is listed shows that the page was hydrated.
      await page.getByText('sea.jpg').first().waitFor();
    });
  } finally {
    await server.stop();
  }
}
