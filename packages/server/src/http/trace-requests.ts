import type { FastifyInstance, FastifyRequest } from 'fastify';

import { openSpan, within } from '../lib/in-span.ts';

/** Probes and scrapers ask all the time and for nothing; a stream of events is open for hours, and what it waits for is no part of it. */
const untraced = /\/(?:healthz|readyz|metrics|events)$/;

/**
 * A span for each request, as part of the caller's trace where it says so (`traceparent`). Of the address only the route is told: paths and
 * queries may carry tokens, signatures and names.
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
