import { refusalReasons, transactionSchema, type RefusalReason } from '@safelight/contract/grants';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import { findGranted } from '../delivery/find-granted.ts';
import { readPurchase } from '../delivery/read-purchase.ts';
import { notFound, SafelightError } from '../lib/errors.ts';
import { isUuid } from '../lib/ids.ts';
import { anonymous, type Authenticate } from './authenticate.ts';
import { planPurchaseZip } from '../delivery/zip/plan-purchase-zip.ts';
import type { CountRefusal } from './count-refusals.ts';
import { deliver } from './deliver.ts';
import { deliverZip } from './deliver-zip.ts';
import type { DoorLimits } from './door-limits.ts';
import { spendDownload, type Doors } from './spend-download.ts';
import type { RequestContext } from './request-context.ts';
import { problemOf } from './problem.ts';
import { invalidRequest, readInput } from './read-input.ts';
import { purchasePage, refusalPage, secretPage } from './purchase-page.ts';
import { sendProblem } from './send-problem.ts';
import { shownSignature } from './shown-signature.ts';
import { varyBy } from './vary-by.ts';

export type DoorOptions = {
  authenticate: Authenticate;
  contextOf(request: FastifyRequest, reply: FastifyReply): RequestContext;
  doors: Doors & { refusals: CountRefusal };
};
type Asked = FastifyRequest<{ Params: { transaction: string; mediaId?: string }; Querystring: Record<string, unknown> }>;

/** The routes for buyers: the page of a purchase, and each of its files. */
export function registerAccessDoors(app: FastifyInstance, options: DoorOptions): void {
  const { doors } = options;
  const door = doorOf(options);
  app.route({
    method: ['GET', 'HEAD'],
    url: '/access-media/:transaction',
    handler: door(async (ctx, request, reply) => {
      const grant = await readPurchase(ctx, { transaction: request.params.transaction, access: textOf(request.query['access']) });
      void reply.header('cache-control', 'private, no-cache');
      return prefersPage(request) ? await sendPage(reply, 200, purchasePage(grant)) : await reply.send({ grant });
    }),
  });
  app.route({
    method: ['GET', 'HEAD'],
    url: '/access-media/:transaction/all.zip',
    handler: door(async (ctx, request, reply) => {
      const zip = await planPurchaseZip(ctx, { transaction: request.params.transaction, access: textOf(request.query['access']) });
      return await deliverZip(ctx, doors, { request, reply }, zip);
    }),
  });
  app.route({
    method: ['GET', 'HEAD'],
    url: '/access-media/:transaction/:mediaId',
    handler: door(async (ctx, request, reply) => {
      const { transaction, mediaId = '' } = request.params;
      const disposition = oneOf(request, 'disposition', ['attachment', 'inline']) ?? 'attachment';
      const shown = shownSignature(request, disposition);
      const role = shown === undefined ? oneOf(request, 'role', ['preview', 'stream']) : shown.role;
      const granted = await findGranted(ctx, { transaction, mediaId, role, shown, access: textOf(request.query['access']) });
      if (granted.sha256 !== null) void reply.header('repr-digest', `sha-256=:${Buffer.from(granted.sha256, 'hex').toString('base64')}:`);
      return await deliver(
        ctx,
        request,
        reply,
        granted.delivery,
        disposition,
        role === 'preview' ? undefined : spendDownload(ctx, doors, request, reply, granted),
      );
    }),
  });
}

type Answering = (ctx: RequestContext, request: Asked, reply: FastifyReply) => Promise<FastifyReply>;

/** Runs the checks that all buyer routes share before they answer, and refuses in their name. */
function doorOf({
  authenticate,
  contextOf,
  doors: { limits, refusals },
}: DoorOptions): (answer: Answering) => (request: Asked, reply: FastifyReply) => Promise<FastifyReply> {
  return (answer) => async (request, reply) => {
    void reply.headers({ 'referrer-policy': 'no-referrer', 'x-robots-tag': 'noindex', 'cache-control': 'no-store' });
    varyBy(reply, 'accept');
    varyBy(reply, 'authorization');
    // A browser that prefetched the link fetches it again when the user clicks.
    if (/\bprefetch\b/.test(textOf(request.headers['sec-purpose']) ?? '')) return await reply.code(204).send();
    // Preview bots open every link in a chat to show what is behind it. That is not a download.
    if (limits.isPreviewBot(request.headers['user-agent'] ?? '')) return await sendPage(reply, 200, secretPage());
    try {
      if (readInput(transactionSchema, request.params.transaction).problems !== null) throw notFound('media');
      return await answer({ ...contextOf(request, reply), actor: await actorOf(request, authenticate) }, request, reply);
    } catch (error) {
      const refusal = asLimited(error, request, limits);
      const reason = reasonOf(refusal, request);
      const { transaction, mediaId } = request.params;
      if (reason !== null && readInput(transactionSchema, transaction).problems === null)
        refusals.count({
          transaction,
          reason,
          mediaId: mediaId !== undefined && isUuid(mediaId) ? mediaId : null,
          address: request.ip,
          agent: request.headers['user-agent'] ?? '',
        });
      return refuse(refusal, request, reply);
    }
  };
}

/** Refuses an unknown value: a misspelt one would otherwise open, and spend, something else than was meant. */
function oneOf<const Name extends string>(request: Asked, field: string, names: readonly Name[]): Name | undefined {
  const given = request.query[field];
  const found = names.find((name) => name === given);
  if (given === undefined || found !== undefined) return found;
  throw invalidRequest([{ field, message: `must be one of ${names.join(', ')}` }]);
}

/** A request that shows a token needs no valid session here, so an invalid one is ignored. */
async function actorOf(request: Asked, authenticate: Authenticate): Promise<RequestContext['actor']> {
  if (request.headers.authorization === undefined) return anonymous;
  try {
    return await authenticate(request.headers);
  } catch (error) {
    if (problemOf(error, request.id).status !== 401) throw error;
    return anonymous;
  }
}

/** The reason that the seller is told; null when the error is not a refusal of ours. */
function reasonOf(error: unknown, request: Asked): RefusalReason | null {
  if (!(error instanceof SafelightError)) return null;
  switch (error.code) {
    case 'not_found':
      return request.query['access'] === undefined && request.query['signature'] === undefined && request.headers.authorization === undefined
        ? 'no_proof'
        : 'wrong_proof';
    case 'gone':
      return refusalReasons.find((reason) => reason === error.context?.['refusal']) ?? 'removed';
    case 'download_limit_reached':
      return 'limit';
    case 'rate_limited':
      return 'rate';
    default:
      return null;
  }
}

/** Counts wrong proofs. A request without any proof is not counted. */
function asLimited(error: unknown, request: Asked, limits: DoorLimits): unknown {
  const { access, signature } = request.query;
  if ((access === undefined && signature === undefined) || problemOf(error, request.id).status !== 404) return error;
  try {
    limits.countWrongProof(request.ip);
    return error;
  } catch (limited) {
    return limited;
  }
}

/** Answers browsers with a page and programs with a problem. All refusals for the same reason look alike. */
function refuse(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply | Promise<FastifyReply> {
  if (reply.sent) throw error;
  reply.removeHeader('repr-digest');
  void reply.header('cache-control', 'no-store');
  const problem = problemOf(error, request.id);
  if (!prefersPage(request) || problem.status >= 500) return sendProblem(error, request, reply);
  request.log.info({ code: problem.body.code }, 'refused');
  for (const name of ['etag', 'last-modified', 'accept-ranges', 'content-disposition', 'content-length', 'content-range']) reply.removeHeader(name);
  return sendPage(reply.headers(problem.headers ?? {}), problem.status, refusalPage(problem.body));
}

const prefersPage = (request: FastifyRequest): boolean => /\btext\/html\b/.test(request.headers.accept ?? '');

async function sendPage(reply: FastifyReply, status: number, page: { html: string; headers: Record<string, string> }): Promise<FastifyReply> {
  return await reply.code(status).type('text/html; charset=utf-8').headers(page.headers).send(page.html);
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
