import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

import { build } from 'esbuild';

/** What the page offers to a test: the stock clients and ours, as an application would import them. */
const entry = `
  import Uppy from '@uppy/core';
  import AwsS3 from '@uppy/aws-s3';
  import Tus from '@uppy/tus';
  import XHRUpload from '@uppy/xhr-upload';
  import * as tus from 'tus-js-client';
  import { createClient } from '@safelight/client';
  globalThis.clients = { Uppy, AwsS3, Tus, XHRUpload, tus, createClient };
`;

/** A page of another origin than the product, with the stock upload clients in it. */
export async function serveStockClients(): Promise<{ url: string; close(): Promise<void> }> {
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
    if (request.url === '/clients.js') response.writeHead(200, { 'content-type': 'text/javascript' }).end(script);
    else response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Shop</title><script src="/clients.js"></script>');
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
