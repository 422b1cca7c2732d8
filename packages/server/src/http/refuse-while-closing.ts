import type { FastifyInstance } from 'fastify';

import { shuttingDown } from '../lib/errors.ts';
import { problemOf } from './problem.ts';
import { writeProblem } from './send-problem.ts';

/**
 * Requests that still come over connections kept alive, after the server has begun to shut down, are refused like anything else: as a
 * problem, with when to come again. For an application made with `return503OnClosing: false`, or the framework answers them in words of its own.
 */
export function refuseWhileClosing(app: FastifyInstance): void {
  let isClosing = false;
  app.addHook('preClose', async () => void (isClosing = true));
  app.addHook('onRequest', async (request, reply) => {
    if (!isClosing) return;
    // Expected at every restart: no error for the log.
    request.log.info('refused, for the server is shutting down');
    await writeProblem(problemOf(shuttingDown(), request.id), request, reply);
  });
}
