import type { FastifyInstance } from 'fastify';

import { SafelightError } from '../lib/errors.ts';
import { sendProblem } from './send-problem.ts';

/** As much as every server should take (RFC 9110, 4.1); the longest address that we hand out is a quarter of it. */
const longest = 8_000;

/** Refuses an address that nothing here can have, before it is looked for. A token that came in the path does not count: it has been taken out. */
export function refuseLongAddresses(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    if (request.url.length <= longest) return undefined;
    const detail = `The address of the request has more than ${longest} characters. Check its path and its query.`;
    return sendProblem(new SafelightError('invalid_request', detail), request, reply, 414);
  });
}
