import type { FastifyInstance } from 'fastify';

import { SafelightError } from '../lib/errors.ts';

const longestMs = 30_000;

/**
 * Refuses a JSON body that stalls: it is read before the caller is known, so a silent client could hold its connection for any length of time. Upload
 * bodies have deadlines of their own.
 */
export function registerBodyDeadline(app: FastifyInstance, mostMs = longestMs): void {
  app.addHook('preParsing', async function (request, reply, payload) {
    if (request.headers['content-type']?.toLowerCase().startsWith('application/json') !== true || !this.hasContentTypeParser('application/json')) return;
    const timer = setTimeout(() => {
      // The framework reads the body and answers with the error that its stream emits.
      if (!reply.sent) payload.emit('error', new SafelightError('invalid_request', `The body did not come within ${mostMs / 1000} seconds. Send it again.`));
    }, mostMs);
    const stop = (): void => clearTimeout(timer);
    payload.once('end', stop);
    reply.raw.once('close', stop);
  });
}
