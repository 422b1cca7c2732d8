import { createHash, randomUUID, timingSafeEqual } from 'node:crypto';

import type { FastifyBaseLogger, FastifyInstance } from 'fastify';

import { notFound, SafelightError } from '../lib/errors.ts';
import { bareApp } from './bare-app.ts';
import { adviceForMetrics } from './cannot-listen.ts';
import { listenAt } from './listen-at.ts';
import type { Metrics } from './metrics.ts';

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
      .header('cache-control', 'no-store')
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
  const app = bareApp(log, { genReqId: () => randomUUID(), forceCloseConnections: true });
  app.setNotFoundHandler(() => {
    throw notFound('page');
  });
  registerMetrics(app, metrics, token);
  await listenAt(app, { host, port }, { advice: adviceForMetrics });
  return app;
}

/** Compares in constant time. */
const isSame = (given: string, wanted: string): boolean => timingSafeEqual(digest(given), digest(wanted));
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
