import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { SignJWT } from 'jose';
import sharp from 'sharp';

import { startProduct, type Product } from '../support/product.ts';

/** A product of its own with callers of every kind, and resources to request. */
export type FuzzSite = {
  url: string;
  product: Product;
  /** What each caller sends as `Authorization`; null for an anonymous one. */
  callers: readonly (string | null)[];
  /** Creates the resources of the requests again: others may have been deleted meanwhile, and rules changed. */
  refresh(): Promise<Record<string, string>>;
  close(): Promise<void>;
};

export async function openFuzzSite(): Promise<FuzzSite> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'safelight-fuzz-'));
  const secret = randomBytes(32).toString('hex');
  const product = await startProduct('start', { dataDir, env: { SAFELIGHT_JWT_SECRET: secret } });
  const bearer = async (claims: Record<string, unknown>, expires = '2h'): Promise<string> =>
    `Bearer ${await new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).setExpirationTime(expires).sign(new TextEncoder().encode(secret))}`;
  const admin = await bearer({ sub: 'admin', scope: 'media:admin' });
  const callers = [
    null,
    // A caller who may do everything sees the most.
    ...Array.from({ length: 8 }, () => admin),
    await bearer({ sub: 'reader', scope: 'media:read' }),
    await bearer({ sub: 'writer', scope: 'media:read media:write' }),
    await bearer({ sub: 'reviewer', scope: 'media:review' }),
    await bearer({ sub: 'manager', scope: 'media:manage' }),
    await bearer({ sub: 'bound', scope: 'media:read media:write', entities: ['artist/fuzz'] }),
    await bearer({ sub: 'a\0b', scope: 'media:admin' }),
    await bearer({ sub: 'x'.repeat(3_000), scope: 'media:admin' }),
    await bearer({ sub: 'late', scope: 'media:admin' }, '-1h'),
    'Bearer nonsense',
    'Basic eDp5',
  ];
  const policies = await askJson(product.url, admin, 'GET', '/v1/policies/artist.images');
  const refresh = async (): Promise<Record<string, string>> => {
    // A changed policy would refuse everything from then on.
    await askJson(product.url, admin, 'PUT', '/v1/policies/artist.images', policies);
    const place = { collection: 'artist.images', entityType: 'artist', entityId: `fuzz-${randomBytes(4).toString('hex')}` };
    const form = new FormData();
    for (const [name, value] of Object.entries(place)) form.append(name, value);
    const picture = await sharp({ create: { width: 60, height: 40, channels: 3, background: '#a3260f' } })
      .jpeg()
      .toBuffer();
    form.append('file', new Blob([new Uint8Array(picture)], { type: 'image/jpeg' }), 'photo.jpg');
    const answered = await fetch(`${product.url}/v1/media`, { method: 'POST', headers: { authorization: admin }, body: form });
    const { media } = (await answered.json()) as { media: { id: string; path?: string; src: string } };
    const opened = await askJson(product.url, admin, 'POST', '/v1/media/upload/init', {
      ...place,
      filename: 'a.jpg',
      contentType: 'image/jpeg',
      byteSize: 1000,
    });
    const { jobs } = (await askJson(product.url, admin, 'GET', '/v1/jobs?limit=1')) as { jobs: { id: string }[] };
    return {
      media: media.id,
      token: media.src.split('/').at(-1) ?? '',
      path: media.path ?? 'media/x/y/z.jpg',
      upload: (opened as { uploadId: string }).uploadId,
      job: jobs[0]?.id ?? media.id,
      key: randomBytes(6).toString('hex'),
    };
  };
  return {
    url: product.url,
    product,
    callers,
    refresh,
    async close() {
      await product.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function askJson(url: string, authorization: string, method: string, address: string, body?: unknown): Promise<unknown> {
  const answer = await fetch(url + address, {
    method,
    headers: { authorization, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${method} ${address} answered ${answer.status}: ${await answer.text()}`);
  return await answer.json();
}
