import { transactionSchema } from '@safelight/contract/grants';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import { openGranted, type Granted } from '../delivery/open-granted.ts';
import { openPurchase } from '../delivery/open-purchase.ts';
import type { ByteRange } from '../delivery/range.ts';
import { clientOf } from '../grants/client-hash.ts';
import { settleDownload, takeDownload } from '../grants/take-download.ts';
import { notFound } from '../lib/errors.ts';
import { anonymous, type Authenticate } from './authenticate.ts';
import { deliver, type Spend } from './deliver.ts';
import type { RequestContext } from './request-context.ts';
import { problemOf } from './problem.ts';
import { readInput } from './read-input.ts';
import { purchasePage, refusalPage, secretPage } from './purchase-page.ts';
import { sendProblem } from './send-problem.ts';
import { shownSignature } from './shown-signature.ts';
import { varyBy } from './vary-by.ts';

export type DoorOptions = { authenticate: Authenticate; contextOf(request: FastifyRequest, reply: FastifyReply): RequestContext };
type Asked = FastifyRequest<{ Params: { transaction: string; mediaId?: string }; Querystring: Record<string, unknown> }>;

/** They open every link that somebody sends, to show what is behind it; nobody has downloaded anything then. */
const previewBots =
  /facebookexternalhit|twitterbot|slackbot|slack-imgproxy|discordbot|telegrambot|whatsapp|linkedinbot|skypeuripreview|bingpreview|googlebot|applebot|mastodon|embedly|pinterest/i;

/** The buyer's doors: the page of a purchase, and each of its files. */
export function registerAccessDoors(app: FastifyInstance, { authenticate, contextOf }: DoorOptions): void {
  const open = (answer: (ctx: RequestContext, request: Asked, reply: FastifyReply) => Promise<FastifyReply>) => async (request: Asked, reply: FastifyReply) => {
    void reply.headers({ 'referrer-policy': 'no-referrer', 'x-robots-tag': 'noindex', 'cache-control': 'no-store' });
    varyBy(reply, 'accept');
    varyBy(reply, 'authorization');
    // What was fetched before anybody clicked is fetched again when somebody does.
    if (/\bprefetch\b/.test(textOf(request.headers['sec-purpose']) ?? '')) return await reply.code(204).send();
    if (previewBots.test(request.headers['user-agent'] ?? '')) return await sendPage(reply, 200, secretPage());
    try {
      if (readInput(transactionSchema, request.params.transaction).problems !== null) throw notFound('media');
      return await answer({ ...contextOf(request, reply), actor: await actorOf(request, authenticate) }, request, reply);
    } catch (error) {
      return refuse(error, request, reply);
    }
  };
  app.route({
    method: ['GET', 'HEAD'],
    url: '/access-media/:transaction',
    handler: open(async (ctx, request, reply) => {
      const grant = await openPurchase(ctx, { transaction: request.params.transaction, access: textOf(request.query['access']) });
      void reply.header('cache-control', 'private, no-cache');
      return prefersPage(request) ? await sendPage(reply, 200, purchasePage(grant)) : await reply.send({ grant });
    }),
  });
  app.route({
    method: ['GET', 'HEAD'],
    url: '/access-media/:transaction/:mediaId',
    handler: open(async (ctx, request, reply) => {
      const { transaction, mediaId = '' } = request.params;
      const disposition = request.query['disposition'] === 'inline' ? 'inline' : 'attachment';
      const shown = shownSignature(request, disposition);
      const role = shown === undefined ? (['preview', 'stream'] as const).find((name) => name === request.query['role']) : shown.role;
      const granted = await openGranted(ctx, { transaction, mediaId, role, shown, access: textOf(request.query['access']) });
      if (granted.sha256 !== null) void reply.header('repr-digest', `sha-256=:${Buffer.from(granted.sha256, 'hex').toString('base64')}:`);
      return await deliver(ctx, request, reply, granted.delivery, disposition, role === 'preview' ? undefined : spendOn(ctx, request, reply, granted));
    }),
  });
}

/** A session that is not valid here matters to nobody who shows a token. */
async function actorOf(request: Asked, authenticate: Authenticate): Promise<RequestContext['actor']> {
  if (request.headers.authorization === undefined) return anonymous;
  try {
    return await authenticate(request.headers);
  } catch (error) {
    if (problemOf(error, request.id).status !== 401) throw error;
    return anonymous;
  }
}

/** Spends a download before its first byte, and writes down what went out when the answer has ended, however it did. */
function spendOn(ctx: RequestContext, request: FastifyRequest, reply: FastifyReply, granted: Granted): Spend {
  const { delivery } = granted;
  return async (ranges) => {
    const bytes = ranges === null ? delivery.bytes : ranges.reduce((sum, { start, end }) => sum + end - start + 1, 0);
    const seen = { address: request.ip, agent: request.headers['user-agent'] ?? '' };
    const client = await clientOf(ctx.db, seen, ctx.clock.now());
    const wanted = { grantId: granted.grantId, assetId: granted.assetId, objectId: granted.objectId, size: delivery.bytes, bytes, ...client };
    const before = reply.raw.socket?.bytesWritten ?? 0;
    const { id } = await takeDownload(ctx.db, { ...wanted, resumes: isResumption(ranges), carrier: delivery.mode });
    const settle = (): void => {
      const { socket, statusCode, writableFinished } = reply.raw;
      const isSent = statusCode === 200 || statusCode === 206 || statusCode === 302;
      const carried =
        writableFinished || delivery.mode !== 'proxy' ? bytes : Math.max(0, (socket?.bytesWritten ?? before) - before - (socket?.writableLength ?? 0));
      const sent = isSent ? Math.min(bytes, carried) : 0;
      settleDownload(ctx.db, { id, reserved: bytes, sent, size: delivery.bytes }).catch((error: unknown) =>
        ctx.log.warn({ err: error }, 'what a download has sent could not be written down; it stays reserved'),
      );
    };
    if (reply.raw.closed) settle();
    else reply.raw.once('close', settle);
  };
}

/** A request that does not begin at the beginning goes on with what another has begun. */
const isResumption = (ranges: readonly ByteRange[] | null): boolean => ranges !== null && ranges.every(({ start }) => start > 0);

/** In the form that whoever asks can read; the same for everything that is refused for the same reason. */
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
