import type { FastifyInstance } from 'fastify';

import { SafelightError } from '../lib/errors.ts';
import { sendProblem } from './send-problem.ts';

/** An alt text may come in the query, where each of its 2,000 letters may take six characters. Node refuses whole heads of a little more. */
const longest = 14_000;

/** Refuses an address that nothing here can have, before it is looked for. A token that came in the path does not count: it has been taken out. */
export function refuseLongAddresses(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    if (request.url.length <= longest) return undefined;
    const detail = `The address of the request has more than ${longest} characters. Check its path and its query.`;
    return sendProblem(new SafelightError('invalid_request', detail), request, reply, 414);
  });
}
