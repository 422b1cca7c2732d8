import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

import type { Hono } from 'hono';

import { servePages } from './serve-pages.ts';
import { startSafelight, type Safelight } from './start-safelight.ts';

export const names = ['artist-platform', 'listing-photos', 'creator-shop', 'ai-studio'] as const;
export type ExampleName = (typeof names)[number];
export const isExample = (name: string): name is ExampleName => names.some((one) => one === name);

/** What an application's back end knows about its Safelight; in real life from environment variables. */
export type Surroundings = { safelightURL: string; consoleURL: string; jwtSecret: string; webhookSecret: string; dataDir: string };

/** The application can stop and start while its Safelight keeps running: `stopApplication`, then `startApplication` at the same URL. */
export type Running = {
  url: string;
  safelight: Safelight;
  ended: Promise<unknown>;
  startApplication: () => Promise<void>;
  stopApplication: () => Promise<void>;
  stop: () => Promise<void>;
};

export type StartOptions = { port?: number; dataDir?: string; command?: 'start' | 'serve'; env?: Record<string, string>; signal?: AbortSignal };

/** Starts Safelight, then the back end and the pages of one example at one URL. */
export async function startExample(name: ExampleName, { port = 0, dataDir, command = 'start', env = {}, signal }: StartOptions = {}): Promise<Running> {
  const folder = path.resolve(import.meta.dirname, '..', name);
  const data = dataDir ?? path.join(folder, 'data');
  const secrets = { jwt: randomBytes(32).toString('hex'), webhook: `whsec_${randomBytes(32).toString('base64')}` };
  // Listens before Safelight starts, because Safelight needs the URL of its webhooks.
  let http = await listen(port);
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  let safelight: Safelight | null = null;
  let closePages = async (): Promise<void> => {};
  const stopApplication = async (): Promise<void> => {
    await closePages();
    http.closeAllConnections();
    http.close();
  };
  try {
    safelight = await startSafelight({
      command,
      dataDir: data,
      env: {
        // The file that `safelight init <name>` writes.
        SAFELIGHT_CONFIG: path.resolve(folder, '../../packages/server/templates', name, 'safelight.config.ts'),
        SAFELIGHT_JWT_SECRET: secrets.jwt,
        SAFELIGHT_WEBHOOK_URL: `${url}/api/webhooks`,
        SAFELIGHT_WEBHOOK_SECRET: secrets.webhook,
        // The back end of the example is on this machine, which webhooks and imports could not reach otherwise.
        SAFELIGHT_IMPORT_ALLOW_PRIVATE: new URL(url).host,
        ...env,
      },
      ...(signal === undefined ? {} : { signal }),
    });
    const { url: safelightURL, consoleURL, ended, stop: stopSafelight } = safelight;
    const startApplication = async (): Promise<void> => {
      if (!http.listening) http = await listen(Number(new URL(url).port));
      const { createApp } = (await import(path.join(folder, 'server.ts'))) as { createApp: (about: Surroundings) => Hono };
      const app = createApp({ safelightURL, consoleURL, jwtSecret: secrets.jwt, webhookSecret: secrets.webhook, dataDir: data });
      closePages = await servePages(http, { folder, app, safelightURL });
    };
    const stop = async (): Promise<void> => {
      await stopApplication();
      await stopSafelight();
    };
    await startApplication();
    return { url, safelight, ended, startApplication, stopApplication, stop };
  } catch (error) {
    await stopApplication();
    await safelight?.stop();
    throw error;
  }
}

async function listen(port: number): Promise<Server> {
  const http = createServer().listen(port, '127.0.0.1');
  await once(http, 'listening');
  return http;
}
