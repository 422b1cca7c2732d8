import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

import { getRequestListener } from '@hono/node-server';
import type { Hono } from 'hono';
import { createServer as createVite, defaultClientConditions } from 'vite';

import { startSafelight, type Safelight } from './start-safelight.ts';

export const names = ['artist-platform', 'listing-photos', 'creator-shop', 'ai-studio'] as const;
export type ExampleName = (typeof names)[number];
export const isExample = (name: string): name is ExampleName => names.some((one) => one === name);

/** What a back end of an application knows of its Safelight: from its environment, in real life. */
export type Surroundings = { safelightURL: string; consoleURL: string; jwtSecret: string; webhookSecret: string; dataDir: string };

export type Running = { url: string; safelight: Safelight; ended: Promise<unknown>; stop: () => Promise<void> };

export type StartOptions = { port?: number; dataDir?: string; env?: Record<string, string>; signal?: AbortSignal };

/** Starts Safelight, then the back end and the pages of one example at one address. */
export async function startExample(name: ExampleName, { port = 0, dataDir, env = {}, signal }: StartOptions = {}): Promise<Running> {
  const folder = path.resolve(import.meta.dirname, '..', name);
  const data = dataDir ?? path.join(folder, 'data');
  const secrets = { jwt: randomBytes(32).toString('hex'), webhook: `whsec_${randomBytes(32).toString('base64')}` };
  const http = createServer();
  const url = await listen(http, port);
  let safelight: Safelight | null = null;
  try {
    safelight = await startSafelight({
      dataDir: data,
      env: {
        // What `safelight init <name>` writes.
        SAFELIGHT_CONFIG: path.resolve(folder, '../../packages/server/templates', name, 'safelight.config.ts'),
        SAFELIGHT_JWT_SECRET: secrets.jwt,
        SAFELIGHT_WEBHOOK_URL: `${url}/api/webhooks`,
        SAFELIGHT_WEBHOOK_SECRET: secrets.webhook,
        // The back end of the example is another host on this machine, which webhooks and imports would not reach otherwise.
        SAFELIGHT_IMPORT_ALLOW_PRIVATE: new URL(url).host,
        ...env,
      },
      ...(signal === undefined ? {} : { signal }),
    });
    const { url: safelightURL, consoleURL } = safelight;
    const { createApp } = (await import(path.join(folder, 'server.ts'))) as { createApp: (about: Surroundings) => Hono };
    const app = createApp({ safelightURL, consoleURL, jwtSecret: secrets.jwt, webhookSecret: secrets.webhook, dataDir: data });
    const closePages = await servePages(http, { folder, app, safelightURL });
    const running = safelight;
    return {
      url,
      safelight,
      ended: running.ended,
      async stop() {
        await closePages();
        http.closeAllConnections();
        http.close();
        await running.stop();
      },
    };
  } catch (error) {
    http.close();
    await safelight?.stop();
    throw error;
  }
}

async function listen(http: Server, port: number): Promise<string> {
  http.listen(port, '127.0.0.1');
  await once(http, 'listening');
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
}

/** `/api` is the example's back end, `/v1` Safelight itself for pages that talk to their own origin, and everything else Vite's. */
async function servePages(http: Server, { folder, app, safelightURL }: { folder: string; app: Hono; safelightURL: string }): Promise<() => Promise<void>> {
  const vite = await createVite({
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
