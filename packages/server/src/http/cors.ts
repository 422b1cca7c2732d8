import type { FastifyInstance, FastifyRequest } from 'fastify';

import { notFound } from '../lib/errors.ts';
import type { KnownRoutes } from './known-routes.ts';
import { varyBy } from './vary-by.ts';

/** Headers that scripts in a browser must be able to read; without this list they see hardly any. */
const exposed =
  'ETag, Location, Retry-After, X-Request-Id, Idempotency-Replayed, Content-Range, Accept-Ranges, Content-Disposition, Repr-Digest, Upload-Offset, Upload-Length, Upload-Expires, Upload-Metadata, Upload-Concat, Upload-Defer-Length, Upload-Complete, Upload-Limit, Upload-Draft-Interop-Version, Tus-Resumable, Tus-Version, Tus-Extension, Tus-Max-Size, Tus-Checksum-Algorithm';
const preflightSeconds = '7200';

/**
 * Cross-origin access. Tokens travel in a header, never in a cookie, so an origin gains only what its user gave it. When any origin is allowed, every
 * answer says so: a cache may give an answer that was requested without `Origin` to scripts that send one. A preflight lists the methods that the
 * path takes.
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
    // A scraper has no origin, and no page needs the metrics.
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
  // The hook answers preflights; this route only makes the router accept them.
  app.options('/*', async (request, reply) =>
    reply
      .code(204)
      .headers({ allow: methodsOf(request) })
      .send(),
  );
}
