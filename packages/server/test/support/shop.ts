import { randomBytes, randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';

import type { Grant, GrantFile } from '@safelight/contract/grants';
import { SignJWT } from 'jose';
import { expect } from 'vitest';

import { startNginx } from './nginx.ts';
import { startProduct, type Product } from './product.ts';
import { freePort } from './free-port.ts';
import { startTcpPostgres } from './tcp-postgres.ts';
import { temporaryDirectory } from './temporary-directory.ts';
import { startVarnish } from './varnish.ts';

export type Shop = {
  /** Two servers, and the proxies in front of the first. */
  servers: readonly string[];
  nginx: string;
  varnish: string;
  /** The directory of the sold files. */
  objects: string;
  cdnSecret: string;
  /** Asks the API as its manager. */
  ask(method: string, path: string, body?: unknown): Promise<{ status: number; body: Record<string, unknown> & { grant: Grant } }>;
  sell(files: { name: string; bytes: Buffer; collection?: string }[], more?: object): Promise<Grant>;
  used(grant: Grant): Promise<number[]>;
  tokenOf(buyer: string): Promise<string>;
  database: string;
  /** As in `SAFELIGHT_SIGNING_KEYS`. */
  signingKeys: string;
  /** The process of the second server. */
  pid: number;
  /** One more server on the same database with other settings; it ends with the rest. */
  serveWith(env: Record<string, string>): Promise<{ url: string; kill(): Promise<unknown> }>;
  /** Kills the first server, like a power failure. */
  killFirst(): Promise<void>;
  /** Makes the database unavailable for all of them. */
  loseDatabase(): Promise<void>;
  stop(): Promise<void>;
};

/** Two servers and a worker on one database and one folder, behind nginx as documented, and behind Varnish with its defaults. */
export async function startShop(): Promise<Shop> {
  const [dataDir, directory] = [await temporaryDirectory(), await temporaryDirectory()];
  const objects = path.join(dataDir, 'objects');
  await mkdir(objects, { recursive: true });
  const [first, second, outer, cache] = [await freePort(), await freePort(), await freePort(), await freePort()];
  const [nginx, varnish] = [`http://127.0.0.1:${outer}`, `http://127.0.0.1:${cache}`];
  const [jwtSecret, cdnSecret] = [randomBytes(32).toString('hex'), randomBytes(16).toString('hex')];
  const signingKeys = `shop:${randomBytes(32).toString('hex')}`;
  const postgres = await startTcpPostgres();
  const env = {
    SAFELIGHT_CONFIG: path.join(import.meta.dirname, 'shop.config.ts'),
    SAFELIGHT_JWT_SECRET: jwtSecret,
    SAFELIGHT_SIGNING_KEYS: signingKeys,
    SAFELIGHT_CDN_SECRET: cdnSecret,
    DATABASE_URL: postgres.url,
    PUBLIC_URL: nginx,
    SHOP_ADDRESS: nginx,
  };
  const products: Product[] = await Promise.all([
    ...[first, second].map((port) => startProduct('serve', { dataDir, env: { ...env, PORT: String(port) } })),
    startProduct('worker', { dataDir, env }),
  ]);
  const servers = [`http://127.0.0.1:${first}`, `http://127.0.0.1:${second}`];
  const fronts = [
    await startNginx({ directory, port: outer, product: servers[0] ?? '', objects, cdnSecret }),
    await startVarnish({ directory, port: cache, product: servers[0] ?? '' }),
  ];
  const tokenOf = async (subject: string, scope = 'media:read'): Promise<string> =>
    await new SignJWT({ scope }).setProtectedHeader({ alg: 'HS256' }).setSubject(subject).setExpirationTime('1h').sign(new TextEncoder().encode(jwtSecret));
  const authorization = `Bearer ${await tokenOf('shop', 'media:admin')}`;
  const ask: Shop['ask'] = async (method, where, body) => {
    const isForm = body instanceof FormData;
    const answer = await fetch(`${servers[0]}/v1${where}`, {
      method,
      headers: { authorization, ...(isForm || body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: isForm ? body : JSON.stringify(body) }),
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> & { grant: Grant } };
  };
  return {
    servers,
    nginx,
    varnish,
    objects,
    cdnSecret,
    database: postgres.url,
    signingKeys,
    pid: products[1]?.pid ?? 0,
    async serveWith(more) {
      const port = await freePort();
      const product = await startProduct('serve', { dataDir, env: { ...env, PORT: String(port), ...more } });
      products.push(product);
      return { url: `http://127.0.0.1:${port}`, kill: async () => await product.stop('SIGKILL') };
    },
    ask,
    tokenOf,
    async sell(files, more = {}) {
      const assetIds: string[] = [];
      for (const { name, bytes, collection = 'product.files' } of files) {
        const form = new FormData();
        for (const [field, value] of Object.entries({ collection, entityType: 'product', entityId: randomUUID() })) form.append(field, value);
        form.append('file', new Blob([new Uint8Array(bytes)]), name);
        const { status, body } = await ask('POST', '/media', form);
        expect(status, JSON.stringify(body)).toBe(202);
        const { id } = body['media'] as { id: string };
        await expect.poll(async () => ((await ask('GET', `/media/${id}`)).body['media'] as { status: string }).status, { timeout: 60_000 }).toBe('ready');
        assetIds.push(id);
      }
      const { status, body } = await ask('POST', '/grants', { transaction: `order-${randomUUID()}`, assetIds, ...more });
      expect(status, JSON.stringify(body)).toBe(201);
      return body.grant;
    },
    used: async ({ transaction }) => (await ask('GET', `/grants/${transaction}`)).body.grant.files.map(({ downloads }) => downloads),
    async killFirst() {
      await products[0]?.stop('SIGKILL');
    },
    loseDatabase: async () => await postgres.close(),
    async stop() {
      for (const front of fronts) await front.stop();
      await Promise.all(products.map((product) => product.stop()));
      await postgres.close();
    },
  };
}

/** The same URL at one server, or at a proxy in front of it. */
export function at(front: string, url: string): string {
  const { pathname, search } = new URL(url);
  return front + pathname + search;
}

export function only({ files }: Grant): GrantFile {
  const [file] = files;
  if (file === undefined) throw new Error('the grant names no file');
  return file;
}

export async function get(url: string, headers: Record<string, string> = {}, method = 'GET'): Promise<{ status: number; headers: Headers; bytes: Buffer }> {
  const answer = await fetch(url, { method, headers, redirect: 'manual' });
  return { status: answer.status, headers: answer.headers, bytes: Buffer.from(await answer.arrayBuffer()) };
}
