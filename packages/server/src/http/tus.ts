import { openedDestinationSchema, type OpenedDestination } from '@safelight/contract/uploads';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import { notFound, SafelightError } from '../lib/errors.ts';
import { isUuid } from '../lib/ids.ts';
import { abortUpload } from '../uploads/abort-upload.ts';
import { concatenate, finishResumable, requireWhole } from '../uploads/finish-resumable.ts';
import { findOwnSession } from '../uploads/find-session.ts';
import { letGo } from '../uploads/hold-upload.ts';
import { openResumable } from '../uploads/open-resumable.ts';
import { receiveResumable, type ReceivedBytes } from '../uploads/receive-resumable.ts';
import { refusalOf } from '../uploads/refusal-of.ts';
import type { FoundSession, UploadSession } from '../uploads/session-rows.ts';
import { announceTus, checksumAlgorithms } from './announce-tus.ts';
import type { KeptAnswer } from './answer.ts';
import { requireScope, type Authenticate } from './authenticate.ts';
import { createOnce } from './create-once.ts';
import { originOf, type Trust } from './forwarded.ts';
import { refuseEncoded } from './refuse-encoded.ts';
import type { RequestContext } from './request-context.ts';
import { sendProblem } from './send-problem.ts';
import { misspeltIn } from './misspelt-in.ts';
import { invalidRequest, readInput, withoutEmpty } from './read-input.ts';
import { parseChecksum, parseConcat, parseLength, parseMetadata, parseWhole, tusVersion } from './tus-headers.ts';

export type TusOptions = {
  apiPrefix: string;
  authenticate: Authenticate;
  maxBytes: number;
  /** Proxies that are trusted to say under which address the client knows this server. */
  trusts: Trust;
  contextOf(request: FastifyRequest, reply: FastifyReply): RequestContext;
};

/** Statuses that the protocol fixes and that our table of codes does not have. */
const mismatchStatus = 460;
const lockedStatus = 423;
const bodyType = 'application/offset+octet-stream';

/**
 * tus 1.0: resumable uploads for stock clients. Each verb follows the protocol and calls the upload module; an upload, and what follows when its bytes
 * have arrived, is the same as with every other kind of upload.
 */
export function registerTus(app: FastifyInstance, options: TusOptions): void {
  void app.register(async (scope) => {
    // A body of any type stays on the socket; each verb says which types it takes.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null));
    registerVerbs(scope, options);
  });
}

function registerVerbs(app: FastifyInstance, options: TusOptions): void {
  const base = `${options.apiPrefix}/uploads/tus`;
  type Verb = (ctx: RequestContext, request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>;
  const run = (verb: Verb) => async (request: FastifyRequest, reply: FastifyReply) => {
    reply.header('tus-resumable', tusVersion);
    // "If the version specified by the Client is not supported by the Server, it MUST respond with 412 and MUST include Tus-Version."
    if (request.headers['tus-resumable'] !== tusVersion) {
      throw new SafelightError('precondition_failed', `This server speaks tus ${tusVersion}. Send the header Tus-Resumable: ${tusVersion}.`, {
        headers: { 'tus-version': tusVersion },
      });
    }
    const actor = await options.authenticate(request.headers);
    requireScope(actor, 'media:write');
    const ctx = { ...options.contextOf(request, reply), actor };
    try {
      return await verb(ctx, request, reply);
    } catch (error) {
      return sendProblem(error, request, reply, statusOf(error));
    }
  };
  const verbs: Record<string, Verb> = { HEAD: head, PATCH: patch, DELETE: terminate };

  app.route({ method: 'OPTIONS', url: base, handler: announceTus(options.maxBytes) });
  app.route({ method: 'OPTIONS', url: `${base}/:id`, handler: announceTus(options.maxBytes) });
  app.route({
    method: 'POST',
    url: base,
    handler: run((ctx, request, reply) =>
      createOnce(ctx, { operation: 'createTusUpload', told: toldOf(request) }, request, reply, () =>
        create(ctx, request, reply, `${ctx.site.publicUrl ?? originOf(request, options.trusts)}${base}`),
      ),
    ),
  });
  for (const [method, verb] of Object.entries(verbs)) app.route({ method, url: `${base}/:id`, handler: run(verb) });
  // Some environments cannot send PATCH or DELETE: "the Server MUST interpret the value of X-HTTP-Method-Override as the request's method".
  app.route({
    method: 'POST',
    url: `${base}/:id`,
    handler: run(async (ctx, request, reply) => {
      const verb = verbs[String(request.headers['x-http-method-override'] ?? '').toUpperCase()];
      if (verb === undefined)
        throw new SafelightError('invalid_request', 'An upload takes HEAD, PATCH and DELETE; with POST, say which in X-HTTP-Method-Override.');
      return await verb(ctx, request, reply);
    }),
  });
}

/** The headers that say what is created. */
const toldOf = ({ headers }: FastifyRequest): unknown[] =>
  ['upload-length', 'upload-defer-length', 'upload-metadata', 'upload-concat'].map((name) => headers[name] ?? null);

async function create(ctx: RequestContext, request: FastifyRequest, reply: FastifyReply, base: string): Promise<KeptAnswer> {
  const { headers } = request;
  const concat = parseConcat(headers['upload-concat']);
  const metadataHeader = typeof headers['upload-metadata'] === 'string' ? headers['upload-metadata'] : null;
  const metadata = parseMetadata(metadataHeader);
  const partialIds = concat?.type === 'final' ? concat.ids : [];
  // Checked before anything is created, even if only the last one is incomplete.
  await requireWhole(ctx, partialIds);
  const length = concat?.type === 'final' ? null : parseLength(headers);
  const hasBody = headers['content-type'] === bodyType;
  // Before anything is created, too: a client that always sends them would leave an open upload each time.
  if (hasBody) refuseUntakeable(request);
  const session = await openResumable(ctx, {
    destination: concat?.type === 'partial' ? null : destinationOf(metadata),
    fileName: metadata.get('filename') ?? metadata.get('name') ?? 'file',
    contentType: concat?.type === 'partial' ? null : metadata.get('filetype') || metadata.get('type') || null,
    length,
    metadata: metadataHeader,
    concat: concat?.type ?? null,
    ...(concat?.type === 'final' ? { concatOf: String(headers['upload-concat']) } : {}),
  });
  const place = { location: `${base}/${session.id}`, 'upload-expires': session.expires_at.toUTCString() };
  // A refusal of the first bytes says too where the upload goes on.
  reply.headers(place);
  const created = (offset: number): KeptAnswer => ({ status: 201, headers: { ...place, 'upload-offset': String(offset) } });
  if (concat?.type === 'final') {
    const whole = await concatenate(ctx, session, partialIds).catch(async (error: unknown) => {
      await abortUpload({ ...ctx, signal: ctx.site.closing }, { uploadId: session.id });
      throw error;
    });
    return created(whole.received_bytes);
  }
  const find = async (): Promise<FoundSession> => ({ ...session, object: null, most_bytes: null });
  const offset = hasBody ? (await append(ctx, request, session.id, 0, find)).offset : 0;
  if (!hasBody && length === 0) await finishResumable(ctx, session);
  return created(offset);
}

async function head(ctx: RequestContext, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { id } = request.params as { id: string };
  const found = await findResumable(ctx, id);
  refuseEnded(ctx, found);
  // Asks a PATCH whose client has gone silent to save what it has, so that the next PATCH can resume from this offset.
  await letGo(ctx, id);
  const session = await findResumable(ctx, id);
  // A server may have died after the last byte and before the upload was finished. A client that sees the full offset would leave, so finish it here.
  await finishResumable({ ...ctx, signal: ctx.site.closing }, session);
  return reply
    .code(200)
    .headers({
      'cache-control': 'no-store',
      'upload-offset': String(session.received_bytes),
      ...(session.declared_bytes === null ? { 'upload-defer-length': '1' } : { 'upload-length': String(session.declared_bytes) }),
      ...(session.metadata === null ? {} : { 'upload-metadata': session.metadata }),
      ...(session.concat === null ? {} : { 'upload-concat': session.concat_of ?? session.concat }),
      'upload-expires': session.expires_at.toUTCString(),
    })
    .send();
}

async function patch(ctx: RequestContext, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { headers } = request;
  if (headers['content-type'] !== bodyType)
    throw new SafelightError('unsupported_type', `A PATCH carries Content-Type: ${bodyType}. Send it with that header.`);
  const offset = parseWhole(headers['upload-offset'], 'Upload-Offset');
  const { id } = request.params as { id: string };
  const { session, offset: next } = await append(ctx, request, id, offset, async () => refuseEnded(ctx, await findResumable(ctx, id)));
  return reply
    .code(204)
    .headers({ 'upload-offset': String(next), 'upload-expires': session.expires_at.toUTCString() })
    .send();
}

/** Refuses a body whose encoding or checksum is not understood. Returns the checksum. */
function refuseUntakeable({ headers }: FastifyRequest) {
  refuseEncoded(headers);
  return parseChecksum(headers['upload-checksum'], checksumAlgorithms);
}

async function append(
  ctx: RequestContext,
  request: FastifyRequest,
  uploadId: string,
  offset: number,
  find: () => Promise<FoundSession>,
): Promise<ReceivedBytes> {
  const { headers } = request;
  const contentLength = headers['content-length'];
  // The request's signal aborts when the client disconnects, but the bytes received so far are kept all the same.
  const lasting = { ...ctx, signal: ctx.site.closing };
  return await receiveResumable(lasting, {
    uploadId,
    find,
    offset,
    body: request.raw,
    contentLength: contentLength === undefined ? null : Number(contentLength),
    length: headers['upload-length'] !== undefined ? parseWhole(headers['upload-length'], 'Upload-Length') : null,
    checksum: refuseUntakeable(request),
  });
}

export async function terminate(ctx: RequestContext, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { id } = request.params as { id: string };
  refuseEnded(ctx, await findResumable(ctx, id));
  await abortUpload(ctx, { uploadId: id });
  // A stalled PATCH is told to stop; an active one finds the upload gone with its next bytes.
  await letGo(ctx, id);
  return reply.code(204).send();
}

/** Finds an upload of the caller that takes its bytes over several requests. */
export async function findResumable(ctx: RequestContext, id: string): Promise<FoundSession> {
  if (!isUuid(id)) throw notFound('upload');
  const session = await findOwnSession(ctx, { uploadId: id });
  if (session.protocol !== 'tus') throw notFound('upload');
  return session;
}

/** Refuses an upload that has ended: aborted by its owner, expired, or refused after its bytes had arrived. Returns any other. */
export function refuseEnded<Session extends UploadSession>(ctx: RequestContext, session: Session): Session {
  const refusal = refusalOf(session);
  if (refusal !== null) throw refusal;
  if (session.state === 'aborted') throw new SafelightError('gone', 'This upload was terminated. Open a new one.');
  if (session.state === 'expired' || (session.state === 'open' && session.expires_at <= ctx.site.clock.now()))
    throw new SafelightError('upload_expired', 'This upload has expired. Open a new one.');
  return session;
}

/** Metadata may hold names that mean nothing here, because stock clients add their own. Known names must have valid values. */
export function destinationOf(metadata: ReadonlyMap<string, string>): OpenedDestination {
  const names = Object.keys(openedDestinationSchema.shape);
  const given = withoutEmpty(Object.fromEntries([...metadata].filter(([name]) => names.includes(name))));
  const { data, problems } = readInput(openedDestinationSchema, given);
  const found = [...(problems ?? []), ...misspeltIn(metadata.keys())];
  if (data !== null && found.length === 0) return data;
  throw invalidRequest(
    found.map(({ field, message }) => ({ field: `Upload-Metadata.${field}`, message })),
    `Upload-Metadata carries filename and filetype, and ${names.join(', ')} where they apply.`,
  );
}

/** The statuses that the protocol fixes for these errors. */
function statusOf(error: unknown): number | undefined {
  if (!(error instanceof SafelightError)) return undefined;
  return error.code === 'checksum_mismatch' ? mismatchStatus : error.context?.['locked'] === true ? lockedStatus : undefined;
}
