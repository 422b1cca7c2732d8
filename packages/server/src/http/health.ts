import type { FastifyInstance } from 'fastify';

export type Health = {
  /** Each part that must work for requests and jobs to be served: null when it does, otherwise a sentence. */
  checks: Record<string, () => Promise<string | null>>;
};

/** `/healthz`: the process answers. `/readyz`: requests and jobs are served; it names what does not work. */
export function registerHealth(app: FastifyInstance, health: Health): void {
  app.get('/healthz', async () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    const results = await Promise.all(
      Object.entries(health.checks).map(
        async ([name, check]) => [name, await check().catch((error: unknown) => (error instanceof Error ? error.message : String(error)))] as const,
      ),
    );
    const failing = results.filter(([, problem]) => problem !== null);
    return reply
      .code(failing.length === 0 ? 200 : 503)
      .header('cache-control', 'no-store')
      .send({ status: failing.length === 0 ? 'ready' : 'not ready', checks: Object.fromEntries(results.map(([name, problem]) => [name, problem ?? 'ok'])) });
  });
}
