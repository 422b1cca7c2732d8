import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import { SafelightError } from '../lib/errors.ts';
import type { KnownRoutes } from './known-routes.ts';
import { sendProblem } from './send-problem.ts';

/**
 * Refuses requests that match no route before their body is read. Answers 405 with the methods in `Allow` where the path has others, otherwise 404.
 * Wildcard routes do not count: 405 would promise that the resource exists.
 */
export function refuseUnrouted(app: FastifyInstance, routes: KnownRoutes): void {
  const refuse = (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const methods = routes.methodsAt(request.url);
    if (methods.length === 0)
      return sendProblem(new SafelightError('not_found', 'There is nothing at this address. Check its path; /docs lists every operation.'), request, reply);
    const allow = methods.join(', ');
    // The list of codes is closed, and none of them stands for 405.
    const refusal = new SafelightError('invalid_request', `${request.method} is not supported at this address. Use one of: ${allow}.`, { headers: { allow } });
    return sendProblem(refusal, request, reply, 405);
  };
  app.addHook('onRequest', async (request, reply) => (request.is404 ? refuse(request, reply) : undefined));
  app.setNotFoundHandler(refuse);
}
