import type { FastifyReply } from 'fastify';

import type { Delivery } from '../delivery/find-delivery.ts';
import { signCdnURL } from '../delivery/sign-cdn-url.ts';
import { secondsFrom } from '../lib/clock.ts';
import { storeName } from '../storage/locator.ts';
import type { Store } from '../storage/store.ts';
import type { Acceleration, RequestContext } from './request-context.ts';

/** Long enough to download the file on a slow connection, including an interruption; too short to be passed around. */
const slowBytesPerSecond = 50_000;
const [leastSeconds, mostSeconds] = [600, 3 * 3600];
export const redirectSeconds = (bytes: number): number => Math.min(mostSeconds, Math.max(leastSeconds, Math.ceil(bytes / slowBytesPerSecond)));

/**
 * Lets somebody else send the bytes, as the collection is set: the provider, by a URL signed for a few minutes, or the web server in front. We have
 * already decided who may read. Returns false when the store cannot; then we send the bytes.
 */
export async function handOver(ctx: RequestContext, reply: FastifyReply, store: Store, delivery: Delivery): Promise<boolean> {
  switch (delivery.mode) {
    case 'proxy':
      return false;
    case 'redirect':
      return await redirect(reply, store, delivery);
    case 'accelerated':
      return await accelerate(reply, store, delivery, ctx.site.acceleration);
    case 'cdn':
      return toCdn(ctx, reply, delivery);
    default:
      return delivery.mode satisfies never;
  }
}

/** The URL binds the response headers, so that the provider shows user content with the same protection as we do. */
async function signedURL(reply: FastifyReply, store: Store, { locator, bytes }: Delivery, cacheControl: string): Promise<string | null> {
  if (!store.capabilities.presignedGet || store.presignGet === undefined) return null;
  return await store.presignGet(locator.key, {
    expiresInSeconds: redirectSeconds(bytes),
    contentType: String(reply.getHeader('content-type')),
    contentDisposition: String(reply.getHeader('content-disposition')),
    ...(store.capabilities.presignedCacheControl ? { cacheControl } : {}),
  });
}

async function redirect(reply: FastifyReply, store: Store, delivery: Delivery): Promise<boolean> {
  // The bytes may be cached under this short-lived URL; the redirect to it is authorized anew each time, so hiding takes effect at once.
  const url = await signedURL(reply, store, delivery, `private, max-age=${redirectSeconds(delivery.bytes)}`);
  if (url === null) return false;
  return sendTo(reply, url);
}

/** The redirect is authorized anew each time; the CDN itself knows no grants, only when an address expires. */
function toCdn({ site: { cdn, clock } }: RequestContext, reply: FastifyReply, { locator, bytes, fileName }: Delivery): boolean {
  if (cdn === null || cdn.store !== storeName(locator)) return false;
  const now = clock.now();
  const file = {
    key: locator.key,
    disposition: String(reply.getHeader('content-disposition')).startsWith('inline') ? ('inline' as const) : ('attachment' as const),
    mimeType: String(reply.getHeader('content-type')),
    fileName,
  };
  return sendTo(reply, signCdnURL(cdn, file, { now, expiresAt: secondsFrom(now, redirectSeconds(bytes)) }));
}

function sendTo(reply: FastifyReply, url: string): true {
  for (const name of ['etag', 'last-modified', 'accept-ranges', 'content-type', 'content-disposition']) reply.removeHeader(name);
  reply.code(302).headers({ location: url, 'cache-control': 'private, no-store', 'content-length': '0' });
  return true;
}

/** The answer has headers but no body; the web server adds the body and answers ranges. */
async function accelerate(reply: FastifyReply, store: Store, delivery: Delivery, { header, prefix }: Acceleration): Promise<boolean> {
  const file = await store.localPath?.(delivery.locator.key);
  if (file !== undefined) {
    const encoded = file.split('/').map(encodeURIComponent).join('/');
    reply.header(header, header === 'x-sendfile' ? encoded : `${prefix}/file${encoded}`);
    return true;
  }
  const url = header === 'x-sendfile' ? null : await signedURL(reply, store, delivery, String(reply.getHeader('cache-control')));
  if (url === null) return false;
  // A separate header: nginx decodes `x-accel-redirect`, which would break the signature.
  reply.headers({ 'x-accel-redirect': `${prefix}/remote`, 'x-safelight-location': url });
  return true;
}
