import type { FastifyInstance } from 'fastify';

import { shuttingDown } from '../lib/errors.ts';
import { problemOf } from './problem.ts';
import { writeProblem } from './send-problem.ts';

/**
 * Refuses requests that still come over kept-alive connections while the server shuts down, with a problem and a `Retry-After`. Needs an application
 * made with `return503OnClosing: false`; otherwise the framework answers in its own words.
 */
export function refuseWhileClosing(app: FastifyInstance): void {
  let isClosing = false;
  app.addHook('preClose', async () => void (isClosing = true));
  app.addHook('onRequest', async (request, reply) => {
    if (!isClosing) return;
    // This happens at every restart, so it is not logged as an error.
    request.log.info('refused: the server is shutting down');
    await writeProblem(problemOf(shuttingDown(), request.id), request, reply);
  });
}
