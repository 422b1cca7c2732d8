import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import { owned } from '../lib/owned.ts';
import { cacheControl } from '../delivery/cache-rule.ts';
import { isNotModified, rangeApplies, requireSameBytes } from '../delivery/conditions.ts';
import { contentDisposition, isInlineType } from '../delivery/content-disposition.ts';
import { lost, openBytes } from '../delivery/open-bytes.ts';
import { findDelivery, findMediaDelivery, type Delivery } from '../delivery/find-delivery.ts';
import { beyondEnd, parseRange, type ByteRange } from '../delivery/range.ts';
import { writePart } from '../delivery/write-part.ts';
import type { MediaPart } from '../assets/render-media.ts';
import { notFound } from '../lib/errors.ts';
import { opaqueTokenLength } from '../lib/ids.ts';
import { anonymous, type Authenticate } from './authenticate.ts';
import { handOver } from './hand-over.ts';
import type { RequestContext } from './request-context.ts';
import { sendBytes } from './send-bytes.ts';
import { sendProblem } from './send-problem.ts';
import { shownSignature } from './shown-signature.ts';
import { isStorable } from './storable-text.ts';
import { varyBy } from './vary-by.ts';

export type DeliveryOptions = { apiPrefix: string; authenticate: Authenticate; contextOf(request: FastifyRequest, reply: FastifyReply): RequestContext };

/** The delivery routes are at the root: `/media/{opaque}`, `/view/{media}`, `/download/{media}`; each also answers HEAD. */
export function registerDelivery(app: FastifyInstance, { apiPrefix, authenticate, contextOf }: DeliveryOptions): void {
  const contextFor = async (request: FastifyRequest, reply: FastifyReply): Promise<RequestContext> => ({
    ...contextOf(request, reply),
    actor: request.headers.authorization === undefined ? anonymous : await authenticate(request.headers),
  });
  app.route<{ Params: { token: string }; Querystring: { signature?: string | string[] } }>({
    method: ['GET', 'HEAD'],
    // Without an API prefix, media records share this path; the length tells a token from an id.
    url: apiPrefix === '' ? `/media/:token(^[\\w-]{${opaqueTokenLength}}$)` : '/media/:token',
    async handler(request, reply) {
      if (!isStorable(request.params.token)) throw notFound('media');
      const ctx = await contextFor(request, reply);
      const { signature } = request.query;
      const delivery = await findDelivery(ctx, { token: request.params.token, signature: typeof signature === 'string' ? signature : undefined });
      return await deliver(ctx, request, reply, delivery, 'inline');
    },
  });
  app.route<{ Params: { token: string; part: string }; Querystring: { signature?: string | string[] } }>({
    method: ['GET', 'HEAD'],
    url: `/media/:token(^[\\w-]{${opaqueTokenLength}}$)/:part(^(?:index\\.m3u8|playlist\\.m3u8|storyboard\\.vtt)$)`,
    async handler(request, reply) {
      const { token, part } = request.params;
      const { signature } = request.query;
      if (!isMediaPart(part)) throw notFound('media');
      return await sendPart(await contextFor(request, reply), reply, { token, part, signature: typeof signature === 'string' ? signature : undefined });
    },
  });
  registerStreams(app, contextFor);
  for (const [url, disposition] of [
    ['/view/:mediaId', 'inline'],
    ['/download/:mediaId', 'attachment'],
  ] as const) {
    app.route<{ Params: { mediaId: string } }>({
      method: ['GET', 'HEAD'],
      url,
      async handler(request, reply) {
        const ctx = await contextFor(request, reply);
        const delivery = await findMediaDelivery(ctx, { mediaId: request.params.mediaId, disposition, shown: shownSignature(request, disposition) });
        return await deliver(ctx, request, reply, delivery, disposition);
      },
    });
  }
}

type ContextFor = (request: FastifyRequest, reply: FastifyReply) => Promise<RequestContext>;

/** Streams of restricted videos: `/s/{signature}/{opaque}`. Playlists lie beneath it, and their parts use the same signature. */
function registerStreams(app: FastifyInstance, contextFor: ContextFor): void {
  const token = `:token(^[\\w-]{${opaqueTokenLength}}$)`;
  app.route<{ Params: { signature: string; token: string } }>({
    method: ['GET', 'HEAD'],
    url: `/s/:signature/${token}`,
    async handler(request, reply) {
      const ctx = await contextFor(request, reply);
      const delivery = await findDelivery(ctx, { token: request.params.token, stream: request.params.signature });
      return await deliver(ctx, request, reply, delivery, 'inline');
    },
  });
  app.route<{ Params: { signature: string; token: string; part: string } }>({
    method: ['GET', 'HEAD'],
    url: `/s/:signature/${token}/:part(^(?:index\\.m3u8|playlist\\.m3u8)$)`,
    async handler(request, reply) {
      const { token: named, part, signature } = request.params;
      if (!isMediaPart(part)) throw notFound('media');
      return await sendPart(await contextFor(request, reply), reply, { token: named, part, stream: signature });
    },
  });
}

async function sendPart(ctx: RequestContext, reply: FastifyReply, asked: Parameters<typeof writePart>[1]): Promise<FastifyReply> {
  const { text, mimeType } = await writePart(ctx, asked);
  reply.headers({ ...textProtection, 'content-type': mimeType, 'cache-control': 'private, no-cache' });
  varyBy(reply, 'authorization');
  return await reply.send(text);
}

const isMediaPart = (part: string): part is MediaPart => part === 'index.m3u8' || part === 'playlist.m3u8' || part === 'storyboard.vtt';

/** Charges for a delivery, once it is certain which bytes go out. Throws to refuse. */
export type Spend = (ranges: readonly ByteRange[] | null) => Promise<void>;

/** Serves one immutable artifact over HTTP: first conditions, then ranges, then the bytes; never reads more than was asked for. */
export async function deliver(
  ctx: RequestContext,
  request: FastifyRequest,
  reply: FastifyReply,
  delivery: Delivery,
  disposition: 'inline' | 'attachment',
  spend?: Spend,
): Promise<FastifyReply> {
  reply.headers({
    etag: delivery.etag,
    'last-modified': delivery.modifiedAt.toUTCString(),
    'cache-control': cacheControl(delivery.cache),
    'accept-ranges': 'bytes',
    ...protectionOf(delivery, disposition),
  });
  if (delivery.variesByReader) varyBy(reply, 'authorization');
  requireSameBytes(request.headers, delivery);
  if (isNotModified(request.headers, delivery)) return reply.code(304).send();
  const store = ctx.site.stores.of(delivery.locator);
  const asked = request.headers.range;
  const ranges = asked !== undefined && rangeApplies(headerText(request.headers['if-range']), delivery) ? parseRange(asked, delivery.bytes) : null;
  // Before anything is handed over: it costs nothing, so it must not lead to the bytes.
  if (ranges?.length === 0) return sendProblem(beyondEnd(delivery.bytes), request, reply, 416);
  if (request.method === 'GET') await spend?.(delivery.mode === 'proxy' || isPlainRange(request.headers) ? ranges : null);
  if (request.method === 'GET' && delivery.mode !== 'proxy' && (await handOver(ctx, reply, store, delivery))) return reply.send('');
  // The answer begins before any byte is read, so nothing else would notice a missing object.
  const isBlind = request.method === 'HEAD' || delivery.bytes === 0 || (ranges !== null && ranges.length > 1);
  if (isBlind && (await store.head(delivery.locator.key, { signal: ctx.signal })) === null) throw lost(delivery);
  if (ranges === null) {
    reply.header('content-length', String(delivery.bytes));
    return request.method === 'HEAD' || delivery.bytes === 0 ? reply.send('') : await sendBytes(ctx, reply, store, delivery);
  }
  const [range] = ranges;
  if (ranges.length === 1 && range !== undefined) {
    reply.code(206).headers({ 'content-range': contentRange(range, delivery.bytes), 'content-length': String(range.end - range.start + 1) });
    return request.method === 'HEAD' ? reply.send('') : await sendBytes(ctx, reply, store, delivery, range);
  }
  return deliverParts(ctx, request, reply, delivery, ranges);
}

/**
 * Whether everybody takes this for the same part. Another sender compares If-Range with an ETag of its own, and buckets answer the whole to several
 * ranges (S3) or to a last part (Azure); what may turn out to be the whole is charged as the whole.
 */
const isPlainRange = ({ range, 'if-range': ifRange }: FastifyRequest['headers']): boolean => ifRange === undefined && /^bytes=\d+-\d*$/.test(range ?? '');

const textProtection = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; sandbox",
  'cross-origin-resource-policy': 'cross-origin',
  'referrer-policy': 'no-referrer',
};

/** Headers that keep user content from running on our origin, however a browser interprets it. */
function protectionOf(delivery: Delivery, disposition: 'inline' | 'attachment'): Record<string, string> {
  const inline = disposition === 'inline' && isInlineType(delivery.mimeType);
  return {
    'content-type': servedType(delivery),
    'content-disposition': contentDisposition(inline ? 'inline' : 'attachment', delivery.fileName),
    ...textProtection,
  };
}

const servedType = ({ mimeType }: Delivery): string => (isInlineType(mimeType) ? mimeType : 'application/octet-stream');

function deliverParts(ctx: RequestContext, request: FastifyRequest, reply: FastifyReply, delivery: Delivery, ranges: readonly ByteRange[]): FastifyReply {
  const boundary = `safelight-${randomBytes(12).toString('hex')}`;
  const head = (range: ByteRange): string =>
    `\r\n--${boundary}\r\ncontent-type: ${servedType(delivery)}\r\ncontent-range: ${contentRange(range, delivery.bytes)}\r\n\r\n`;
  const tail = `\r\n--${boundary}--\r\n`;
  const length = ranges.reduce((sum, range) => sum + head(range).length + range.end - range.start + 1, tail.length);
  reply.code(206).headers({ 'content-type': `multipart/byteranges; boundary=${boundary}`, 'content-length': String(length) });
  async function* parts(): AsyncGenerator<Buffer | string> {
    for (const range of ranges) {
      yield head(range);
      yield* await openBytes(ctx, delivery, range);
    }
    yield tail;
  }
  return reply.send(request.method === 'HEAD' ? '' : owned(Readable.from(parts(), { objectMode: false })));
}

const contentRange = (range: ByteRange, size: number): string => `bytes ${range.start}-${range.end}/${size}`;
const headerText = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value);
