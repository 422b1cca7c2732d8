import fastify, { LogController, type FastifyBaseLogger, type FastifyHttpOptions, type FastifyInstance } from 'fastify';
import type { Server } from 'node:http';

import { noSchemas } from './no-schemas.ts';
import { refuseLongAddresses } from './refuse-long-addresses.ts';
import { refuseOddHeads } from './refuse-odd-heads.ts';
import { refuseUnreadable } from './refuse-unreadable.ts';
import { sendProblem } from './send-problem.ts';

type Options = Omit<FastifyHttpOptions<Server>, 'loggerInstance' | 'http'>;

/**
 * An application without routes, as every listener of ours begins: it refuses with a problem what Node and the framework would refuse in their own
 * words, or not answer at all.
 */
export function bareApp(log: FastifyBaseLogger, options: Options): FastifyInstance {
  const app = fastify({
    ...options,
    loggerInstance: log,
    schemaController: noSchemas,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    // Refused in words by `refuseOddHeads`; Node's refusal has no body.
    http: { requireHostHeader: false },
    // Handles URLs that cannot be decoded, which fail before a route is chosen.
    frameworkErrors: (error, request, reply) => void sendProblem(error, request, reply),
    // Handles bytes that are not HTTP, which fail before there is a URL.
    clientErrorHandler: refuseUnreadable,
  });
  app.addHook('onRequest', (request, reply, done) => {
    // Browsers must not guess a content type: the one that we send is right.
    reply.headers({ 'x-request-id': request.id, 'x-content-type-options': 'nosniff' });
    done();
  });
  refuseOddHeads(app);
  refuseLongAddresses(app);
  app.setErrorHandler((error, request, reply) => sendProblem(error, request, reply));
  return app;
}
