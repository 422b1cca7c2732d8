import type { FastifyInstance } from 'fastify';

/** Headers that a browser's script must be able to read; without this list it sees hardly any. */
const exposed =
  'ETag, Location, Retry-After, X-Request-Id, Idempotency-Replayed, Content-Range, Accept-Ranges, Content-Disposition, Upload-Offset, Upload-Length, Upload-Expires, Upload-Metadata, Upload-Concat, Upload-Defer-Length, Upload-Complete, Upload-Limit, Upload-Draft-Interop-Version, Tus-Resumable, Tus-Version, Tus-Extension, Tus-Max-Size, Tus-Checksum-Algorithm';
const methods = 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS';
const preflightSeconds = '7200';

/**
 * Cross-origin access. Tokens travel in a header, never in a cookie, so no origin gains anything that its user did not give it. Where any
 * origin may, every answer says so: a cache that got one without an `Origin` gives it to scripts that ask with one.
 */
export function registerCors(app: FastifyInstance, origins: '*' | readonly string[]): void {
  const allowed = (origin: string | undefined): string | null => {
    if (origins === '*') return '*';
    return origin !== undefined && origins.includes(origin) ? origin : null;
  };
  app.addHook('onRequest', async (request, reply) => {
    // Metrics are for a scraper, which has no origin; no page has any business with them.
    if (request.url.split('?', 1)[0] === '/metrics') return;
    const allow = allowed(request.headers.origin);
    if (origins !== '*') reply.header('vary', 'origin');
    if (allow === null) return;
    reply.headers({ 'access-control-allow-origin': allow, 'access-control-expose-headers': exposed });
    if (request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined) {
      await reply
        .code(204)
        .headers({
          'access-control-allow-methods': methods,
          'access-control-allow-headers':
            request.headers['access-control-request-headers'] ?? 'Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID',
          'access-control-max-age': preflightSeconds,
        })
        .send();
    }
  });
  // A preflight is answered by the hook; the route only makes the router look there.
  app.options('/*', async (_request, reply) => reply.code(204).headers({ allow: methods }).send());
}
