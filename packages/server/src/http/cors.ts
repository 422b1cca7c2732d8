import type { FastifyInstance, FastifyRequest } from 'fastify';

import { notFound } from '../lib/errors.ts';
import type { KnownRoutes } from './known-routes.ts';
import { varyBy } from './vary-by.ts';

/** Headers that a browser's script must be able to read; without this list it sees hardly any. */
const exposed =
  'ETag, Location, Retry-After, X-Request-Id, Idempotency-Replayed, Content-Range, Accept-Ranges, Content-Disposition, Repr-Digest, Upload-Offset, Upload-Length, Upload-Expires, Upload-Metadata, Upload-Concat, Upload-Defer-Length, Upload-Complete, Upload-Limit, Upload-Draft-Interop-Version, Tus-Resumable, Tus-Version, Tus-Extension, Tus-Max-Size, Tus-Checksum-Algorithm';
const preflightSeconds = '7200';

/**
 * Cross-origin access. Tokens travel in a header, never in a cookie, so no origin gains anything that its user did not give it. Where any
 * origin may, every answer says so: a cache that got one without an `Origin` gives it to scripts that ask with one. The methods that are told are those that the path takes.
 */
export function registerCors(app: FastifyInstance, origins: '*' | readonly string[], routes: KnownRoutes): void {
  const allowed = (origin: string | undefined): string | null => {
    if (origins === '*') return '*';
    return origin !== undefined && origins.includes(origin) ? origin : null;
  };
  const methodsOf = (request: FastifyRequest): string => {
    const methods = routes.methodsAt(request.url, { below: true });
    if (methods.length === 0) throw notFound('page');
    return methods.join(', ');
  };
  app.addHook('onRequest', async (request, reply) => {
    // Metrics are for a scraper, which has no origin; no page has any business with them.
    if (request.url.split('?', 1)[0] === '/metrics') return;
    const allow = allowed(request.headers.origin);
    if (origins !== '*') varyBy(reply, 'origin');
    if (allow === null) return;
    reply.headers({ 'access-control-allow-origin': allow, 'access-control-expose-headers': exposed });
    if (request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined) {
      await reply
        .code(204)
        .headers({
          'access-control-allow-methods': methodsOf(request),
          'access-control-allow-headers':
            request.headers['access-control-request-headers'] ?? 'Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID',
          'access-control-max-age': preflightSeconds,
        })
        .send();
    }
  });
  // A preflight is answered by the hook; the route only makes the router look there.
  app.options('/*', async (request, reply) =>
    reply
      .code(204)
      .headers({ allow: methodsOf(request) })
      .send(),
  );
}
