import type { Server } from 'node:http';
import path from 'node:path';

import { getRequestListener } from '@hono/node-server';
import type { Hono } from 'hono';
import { createServer, defaultClientConditions } from 'vite';

/** `/api` is the example's back end, `/v1` is Safelight for pages that use their own origin, and everything else is Vite's. */
export async function servePages(
  http: Server,
  { folder, app, safelightURL }: { folder: string; app: Hono; safelightURL: string },
): Promise<() => Promise<void>> {
  const vite = await createServer({
    root: folder,
    configFile: false,
    appType: 'spa',
    logLevel: 'error',
    cacheDir: path.join(folder, '../../node_modules/.cache', `example-${path.basename(folder)}`),
    resolve: { conditions: ['safelight-source', ...defaultClientConditions], dedupe: ['react', 'react-dom'] },
    server: { middlewareMode: true, hmr: { server: http }, proxy: { '/v1': safelightURL }, fs: { allow: [path.resolve(folder, '../..')] } },
  });
  const backEnd = getRequestListener(app.fetch);
  http.on('request', (request, response) => {
    if (request.url?.startsWith('/api/') === true) void backEnd(request, response);
    else vite.middlewares(request, response);
  });
  return async () => await vite.close();
}
