import { randomUUID } from 'node:crypto';
import { maxHeaderSize } from 'node:http';

import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import type { OperationId } from '@safelight/contract/operations';

import { registerAccessDoors, type DoorOptions } from './access-doors.ts';
import { anonymous, type Authenticate } from './authenticate.ts';
import { bareApp } from './bare-app.ts';
import { bindOperation, type BindOptions } from './bind-operation.ts';
import { registerBodyDeadline } from './body-deadline.ts';
import { registerCompanion } from './companion.ts';
import { registerCors } from './cors.ts';
import { cutStalledReaders } from './cut-stalled-readers.ts';
import { registerDelivery } from './deliver.ts';
import { registerDocuments } from './documents.ts';
import { endConnections } from './end-connections.ts';
import { handlers } from './handlers.ts';
import { encodingProblem } from './encoding-problem.ts';
import { createReadiness, registerHealth, type Health } from './health.ts';
import { createTrust } from './forwarded.ts';
import { endDraining } from './drain-after-refusal.ts';
import { rememberRoutes } from './known-routes.ts';
import { loggedPath } from './logged-path.ts';
import { countReceived } from './count-received.ts';
import type { Metrics } from './metrics.ts';
import type { RequestContext, RequestSite } from './request-context.ts';
import { plainObjectPath } from './plain-object-path.ts';
import { refuseWhileClosing } from './refuse-while-closing.ts';
import { refuseUnrouted } from './refuse-unrouted.ts';
import { createRequestSignals } from './request-signals.ts';
import { registerResumableDraft } from './resumable-draft.ts';
import { registerMetrics, type MetricsAccess } from './serve-metrics.ts';
import { registerStoragePut } from './storage-put.ts';
import { traceRequests } from './trace-requests.ts';
import { takeTokenFromPath } from './take-token-from-path.ts';
import { registerTus } from './tus.ts';
import { registerWelcome } from './welcome.ts';

declare module 'fastify' {
  interface FastifyRequest {
    isMultipart: boolean;
  }
}

export type AppOptions = {
  log: FastifyBaseLogger;
  apiPrefix: string;
  corsOrigins: '*' | readonly string[];
  trustedProxies: readonly string[];
  authenticate: Authenticate;
  site: RequestSite;
  doors: DoorOptions['doors'];
  health: Health;
  metrics: Metrics;
  metricsAccess: MetricsAccess;
};

/** Limits JSON bodies; uploads have limits of their own. */
const jsonBytes = 2 ** 20;

/** The HTTP application. Every route calls a use case of another module. */
export function openApp(options: AppOptions): FastifyInstance {
  const app = bareApp(options.log, {
    bodyLimit: jsonBytes,
    genReqId: (request) => requestIdOf(request.headers['x-request-id']),
    trustProxy: options.trustedProxies.length > 0 ? [...options.trustedProxies] : false,
    // An upload may take any time as long as bytes arrive; the read deadline in `uploads` ends a stalled one.
    requestTimeout: 0,
    connectionTimeout: 0,
    keepAliveTimeout: 72_000,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    exposeHeadRoutes: true,
    rewriteUrl: (request) => plainObjectPath(request, takeTokenFromPath(request, options.apiPrefix), options.apiPrefix),
    // The router's own limit answers 404; `refuseLongAddresses` says what is wrong.
    routerOptions: { maxParamLength: maxHeaderSize, ignoreTrailingSlash: true },
  });
  readBodies(app);
  registerBodyDeadline(app);
  const signalOf = createRequestSignals(options.site.closing);
  const contextOf = (request: FastifyRequest, reply: FastifyReply): RequestContext => ({
    actor: anonymous,
    log: request.log,
    signal: signalOf(reply.raw),
    site: options.site,
  });

  traceRequests(app);
  cutStalledReaders(app);
  endConnections(app, options.site.closing);
  app.addHook('preClose', async () => endDraining(app.server));
  const routes = rememberRoutes(app);
  registerCors(app, options.corsOrigins, routes);
  refuseWhileClosing(app);
  tellOfRequests(app, options.metrics);
  refuseUnrouted(app, routes);

  registerDoors(app, options, contextOf);
  const readiness = createReadiness(options.health);
  registerHealth(app, readiness);
  if (options.metricsAccess.listen === null) registerMetrics(app, options.metrics, options.metricsAccess.token);
  registerDocuments(app, { apiPrefix: options.apiPrefix, baseURL: options.site.baseURL });
  registerWelcome(app, { apiPrefix: options.apiPrefix, collections: options.site.collections, baseURL: options.site.baseURL, readiness });
  return app;
}

function readBodies(app: FastifyInstance): void {
  const parseJson = app.getDefaultJsonParser('error', 'error');
  // Many clients send a content type without a body.
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    if (body.length === 0) return done(null, undefined);
    const problem = encodingProblem(request.headers, Buffer.from(body));
    if (problem === null) void parseJson(request, body.toString(), done);
    else done(problem);
  });
  app.decorateRequest('isMultipart', false);
  // Upload bodies stay on the socket as streams, for the operation that reads them.
  app.addContentTypeParser('multipart/form-data', (request, _payload, done) => {
    request.isMultipart = true;
    done(null);
  });
  // No route takes plain text, which the framework would accept by default.
  app.removeContentTypeParser('text/plain');
}

function tellOfRequests(app: FastifyInstance, metrics: Metrics): void {
  const receivedBytes = countReceived();
  app.addHook('onResponse', (request, reply, done) => {
    const { url: route } = request.routeOptions;
    metrics.observeRequest({
      method: request.method,
      route: route ?? 'none',
      status: reply.statusCode,
      seconds: reply.elapsedTime / 1000,
      receivedBytes: receivedBytes(request.raw.socket),
    });
    request.log.info({ method: request.method, path: loggedPath(request.url), status: reply.statusCode, ms: Math.round(reply.elapsedTime) }, 'request');
    done();
  });
}

/** Registers every route except those about the server itself. */
function registerDoors(app: FastifyInstance, options: AppOptions, contextOf: BindOptions['contextOf']): void {
  const door = { apiPrefix: options.apiPrefix, authenticate: options.authenticate, contextOf };
  const resumable = { ...door, maxBytes: options.site.ceilings.requestBytes, trusts: createTrust(options.trustedProxies) };
  for (const id of Object.keys(handlers) as OperationId[]) bindOperation(app, id, handlers[id], door);
  registerDelivery(app, door);
  registerAccessDoors(app, { authenticate: options.authenticate, contextOf, doors: options.doors });
  app.addHook('onClose', async () => void (await Promise.all([options.doors.refusals.close(), options.doors.settlements.close()])));
  registerStoragePut(app, contextOf);
  registerCompanion(app, door);
  registerTus(app, resumable);
  registerResumableDraft(app, resumable);
}

/** Keeps the caller's request id when it is valid, so that a request can be followed across services. */
function requestIdOf(given: string | string[] | undefined): string {
  return typeof given === 'string' && /^[A-Za-z0-9._-]{8,64}$/.test(given) ? given : randomUUID();
}
