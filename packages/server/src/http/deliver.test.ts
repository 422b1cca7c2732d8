import Fastify from 'fastify';
import { expect, onTestFinished, test } from 'vitest';

import type { Delivery } from '../delivery/find-delivery.ts';
import type { ByteRange } from '../delivery/range.ts';
import { deliver } from './deliver.ts';
import type { RequestContext } from './request-context.ts';

const sold: Delivery = {
  locator: { provider: 's3', location: 'shop', key: 'film.bin' },
  bytes: 100,
  sha256: null,
  mimeType: 'application/octet-stream',
  etag: '"film"',
  modifiedAt: new Date('2026-03-04T05:06:08Z'),
  fileName: 'film.bin',
  cache: { shared: false, immutable: false, maxAgeSeconds: 0 },
  variesByReader: true,
  mode: 'cdn',
};
const store = { capabilities: { presignedGet: true }, presignGet: async () => 'http://bucket/film.bin?signed', localPath: async () => '/film.bin' };
const site = {
  stores: { of: () => store },
  clock: { now: () => new Date() },
  cdn: { kind: 'nginx-secure-link', baseURL: 'http://cdn', store: 's3:shop', keyId: null, secret: 'secret' },
  acceleration: { header: 'x-accel-redirect', prefix: '/internal' },
};
const ctx = { site, signal: new AbortController().signal } as unknown as RequestContext;

/** What a buyer gets for this request, and the ranges that were charged for. */
async function bought(mode: Delivery['mode'], headers: Record<string, string>) {
  const spent: (readonly ByteRange[] | null)[] = [];
  const app = Fastify();
  onTestFinished(async () => await app.close());
  app.get('/', async (request, reply) => await deliver(ctx, request, reply, { ...sold, mode }, 'attachment', async (ranges) => void spent.push(ranges)));
  const answer = await app.inject({ url: '/', headers });
  return { status: answer.statusCode, headers: answer.headers, spent };
}

test.each(['redirect', 'cdn', 'accelerated'] as const)('no request hands a sold file over (%s) without being charged for it', async (mode) => {
  const handedOver = mode === 'accelerated' ? 200 : 302;
  expect(await bought(mode, {})).toMatchObject({ status: handedOver, spent: [null] });
  expect(await bought(mode, { range: 'bytes=1-2' })).toMatchObject({ status: handedOver, spent: [[{ start: 1, end: 2 }]] });
  // Whoever sends it may take these for the whole.
  for (const headers of [{ range: 'bytes=1-2', 'if-range': sold.etag }, { range: 'bytes=1-2,5-6' }, { range: 'bytes=-2' }, { range: 'Bytes=1-2' }])
    expect(await bought(mode, headers), JSON.stringify(headers)).toMatchObject({ status: handedOver, spent: [null] });
  for (const range of ['bytes=100-', 'bytes=-0', 'bytes=500-600,700-']) {
    const beyond = await bought(mode, { range });
    expect(beyond, range).toMatchObject({ status: 416, spent: [] });
    for (const leads of ['location', 'x-accel-redirect', 'x-safelight-location']) expect(beyond.headers).not.toHaveProperty(leads);
  }
});
