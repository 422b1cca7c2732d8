import { createHash, randomUUID, timingSafeEqual } from 'node:crypto';

import fastify, { LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify';

import { notFound, SafelightError } from '../lib/errors.ts';
import type { Metrics } from './metrics.ts';
import { noSchemas } from './no-schemas.ts';
import { sendProblem } from './send-problem.ts';

/** Protects the metrics. Without a token, anybody who reaches the server may read them; without an address, they are served beside the API. */
export type MetricsAccess = { token: string | null; listen: { host: string; port: number } | null };

/** `/metrics`, in the format of Prometheus. */
export function registerMetrics(app: FastifyInstance, { registry }: Metrics, token: string | null): void {
  app.get('/metrics', async (request, reply) => {
    if (token !== null && !isSame(request.headers.authorization ?? '', `Bearer ${token}`))
      throw new SafelightError('unauthenticated', 'Metrics are read with the header Authorization: Bearer <token>, the token of SAFELIGHT_METRICS_TOKEN.', {
        headers: { 'www-authenticate': 'Bearer realm="safelight metrics"' },
      });
    return await reply
      .headers({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' })
      .type(registry.contentType)
      .send(await registry.metrics());
  });
}

/** Listens at an address that serves only `/metrics`; the owner closes it. */
export async function serveMetrics(
  metrics: Metrics,
  token: string | null,
  options: { host: string; port: number; log: FastifyBaseLogger },
): Promise<FastifyInstance> {
  const { host, port, log } = options;
  const app = fastify({
    loggerInstance: log,
    schemaController: noSchemas,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    genReqId: () => randomUUID(),
    forceCloseConnections: true,
  });
  app.setErrorHandler((error, request, reply) => sendProblem(error, request, reply));
  app.setNotFoundHandler(() => {
    throw notFound('page');
  });
  registerMetrics(app, metrics, token);
  await app.listen({ host, port });
  return app;
}

/** Compares in constant time. */
const isSame = (given: string, wanted: string): boolean => timingSafeEqual(digest(given), digest(wanted));
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
