import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

import { build } from 'esbuild';

export type ServedPage = { url: string; close(): Promise<void> };

/** A page of another origin than the product, with a script that imports what an application would import. */
export async function servePage(title: string, entry: string): Promise<ServedPage> {
  const { outputFiles } = await build({
    stdin: { contents: entry, resolveDir: path.resolve(import.meta.dirname, '..') },
    conditions: ['safelight-source'],
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'browser',
    logLevel: 'silent',
  });
  const script = outputFiles[0]?.text ?? '';
  const server = createServer((request, response) => {
    if (request.url === '/page.js') response.writeHead(200, { 'content-type': 'text/javascript' }).end(script);
    else response.writeHead(200, { 'content-type': 'text/html' }).end(`<!doctype html><title>${title}</title><body><script src="/page.js"></script>`);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
