import type { FastifyInstance, FastifyRequest } from 'fastify';

import { openSpan, within } from '../lib/in-span.ts';

/** Probes and scrapers ask constantly, and an event stream is open for hours; neither tells anything as a span. */
const untraced = /\/(?:healthz|readyz|metrics|events)$/;

/**
 * A span for each request, within the caller's trace when it sends `traceparent`. Only the route is recorded: paths and queries may hold tokens,
 * signatures and names.
 */
export function traceRequests(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'none';
    if (untraced.test(route)) return done();
    const span = openSpan({
      name: `${request.method} ${route}`,
      kind: 'server',
      parent: traceparentOf(request),
      attributes: { 'http.request.method': request.method, 'http.route': route, 'safelight.request_id': request.id },
    });
    if (span === undefined) return done();
    reply.raw.once('close', () => {
      span.note({ 'http.response.status_code': reply.statusCode });
      if (reply.statusCode >= 500) span.fail(String(reply.statusCode));
      else if (!reply.raw.writableFinished) span.fail('client_left');
      span.end();
    });
    within(span, done);
  });
}

const traceparentOf = ({ headers }: FastifyRequest): string | undefined => {
  const given = headers['traceparent'];
  return typeof given === 'string' ? given : undefined;
};
