import type { FastifyInstance } from 'fastify';

import { SafelightError } from '../lib/errors.ts';

const longestMs = 30_000;

/**
 * Refuses a JSON body that does not come: it is read before the caller is known, and a client that is silent in it would hold its
 * connection for as long as it likes. Bodies of uploads have deadlines of their own, for they may take as long as they move.
 */
export function registerBodyDeadline(app: FastifyInstance, mostMs = longestMs): void {
  app.addHook('preParsing', async function (request, reply, payload) {
    if (request.headers['content-type']?.toLowerCase().startsWith('application/json') !== true || !this.hasContentTypeParser('application/json')) return;
    const timer = setTimeout(() => {
      // The framework reads the body, and answers what its stream fails with.
      if (!reply.sent) payload.emit('error', new SafelightError('invalid_request', `The body did not come within ${mostMs / 1000} seconds. Send it again.`));
    }, mostMs);
    const stop = (): void => clearTimeout(timer);
    payload.once('end', stop);
    reply.raw.once('close', stop);
  });
}
