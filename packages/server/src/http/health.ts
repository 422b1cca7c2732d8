import type { FastifyBaseLogger, FastifyInstance } from 'fastify';

import { inTime } from '../lib/in-time.ts';
import { patienceMs } from '../lib/patience.ts';

export type Health = {
  /** The parts that must work to serve requests and jobs; a check rejects when its part does not. */
  checks: Record<string, () => Promise<unknown>>;
};

type Readiness = Record<string, string>;

/** Anybody may ask, and the reason of a failure would reveal hosts and user names. */
const notReady = 'does not work at this moment; the log says why';

/** Concurrent requests share one check: a client that polls must not keep the storage busy. */
export type LookAtReadiness = (log: FastifyBaseLogger) => Promise<{ isReady: boolean; checks: Readiness }>;

export function createReadiness({ checks }: Health): LookAtReadiness {
  let running: Promise<Readiness> | null = null;
  return async (log) => {
    running ??= look(checks, log).finally(() => (running = null));
    const told = await running;
    return { isReady: Object.values(told).every((state) => state === 'ok'), checks: told };
  };
}

/** `/healthz`: the process answers. `/readyz`: requests and jobs are served; it names the parts that fail. */
export function registerHealth(app: FastifyInstance, readiness: LookAtReadiness): void {
  app.get('/healthz', async () => ({ status: 'ok' }));
  app.get('/readyz', async (request, reply) => {
    const { isReady, checks } = await readiness(request.log);
    return await reply
      .code(isReady ? 200 : 503)
      .header('cache-control', 'no-store')
      .send({ status: isReady ? 'ready' : 'not ready', checks });
  });
}

async function look(checks: Health['checks'], log: FastifyBaseLogger): Promise<Readiness> {
  const states = Object.entries(checks).map(async ([part, check]): Promise<[string, string]> => {
    try {
      // A frozen part answers nothing, and whoever asks would take that for a frozen server.
      await inTime(check(), patienceMs.check);
      return [part, 'ok'];
    } catch (error) {
      log.warn({ err: error, part }, 'not ready');
      return [part, notReady];
    }
  });
  return Object.fromEntries(await Promise.all(states));
}
