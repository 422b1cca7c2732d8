import { build } from 'esbuild';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import type * as React from 'react';
import type { renderToStaticMarkup } from 'react-dom/server';

import { temporaryDirectory } from '../../server/test/support/temporary-directory.ts';
import type * as Kit from '../src/index.ts';

export type RenderedKit = { kit: typeof Kit; h: typeof React.createElement; render: typeof renderToStaticMarkup };

/** The components, as a server renders them: Node runs no JSX by itself. */
export async function renderKit(): Promise<RenderedKit> {
  const file = path.join(await temporaryDirectory(), 'kit.cjs');
  const contents = `export * as kit from '../src/index.ts'; export { createElement as h } from 'react'; export { renderToStaticMarkup as render } from 'react-dom/server';`;
  await build({
    stdin: { contents, resolveDir: import.meta.dirname },
    outfile: file,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    jsx: 'automatic',
    conditions: ['safelight-source'],
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'error',
  });
  return ((await import(pathToFileURL(file).href)) as { default: RenderedKit }).default;
}
