import { openedDestinationSchema } from '@safelight/contract/uploads';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';

import { SafelightError } from '../lib/errors.ts';
import { appendBytes } from '../uploads/append-bytes.ts';
import { finishResumable } from '../uploads/finish-resumable.ts';
import { letGo } from '../uploads/hold-upload.ts';
import { openResumable } from '../uploads/open-resumable.ts';
import type { UploadSession } from '../uploads/session-rows.ts';
import type { KeptAnswer } from './answer.ts';
import { requireScope } from './authenticate.ts';
import { createOnce } from './create-once.ts';
import { originOf } from './forwarded.ts';
import { refuseEncoded } from './refuse-encoded.ts';
import type { RequestContext } from './request-context.ts';
import { invalidRequest, readInput } from './read-input.ts';
import { destinationOf, findResumable, refuseEnded, terminate, type TusOptions } from './tus.ts';
import { parseMetadata, parseWhole } from './tus-headers.ts';

/** The version of draft-ietf-httpbis-resumable-upload-05. Later drafts have other versions, and differ. */
const interopVersion = '6';
const bodyType = 'application/partial-upload';

/** Fields that may come in the query instead of in `Upload-Metadata`. */
const names = [...openedDestinationSchema.keyof().options, 'filename', 'filetype'] as const;
const querySchema = z.strictObject(Object.fromEntries(names.map((name) => [name, z.string().optional()])));

type Verb = (ctx: RequestContext, request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>;

/**
 * The IETF's resumable uploads, in the draft whose interop version stock clients send. They are tus uploads with other headers and end in the same
 * way. The destination comes in the query or, as tus clients send it, in `Upload-Metadata`.
 */
export function registerResumableDraft(app: FastifyInstance, options: TusOptions): void {
  const base = `${options.apiPrefix}/uploads/resumable`;
  const run = (verb: Verb) => async (request: FastifyRequest, reply: FastifyReply) => {
    reply.header('upload-draft-interop-version', interopVersion);
    if (request.headers['upload-draft-interop-version'] !== interopVersion)
      throw new SafelightError(
        'invalid_request',
        `This server speaks interop version ${interopVersion} of resumable uploads. Send Upload-Draft-Interop-Version: ${interopVersion}.`,
      );
    const actor = await options.authenticate(request.headers);
    requireScope(actor, 'media:write');
    return await verb({ ...options.contextOf(request, reply), actor }, request, reply);
  };
  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null));
    const limit = { 'upload-draft-interop-version': interopVersion, 'upload-limit': `max-size=${options.maxBytes}` };
    scope.route({ method: 'OPTIONS', url: base, handler: async (_request, reply) => reply.code(204).headers(limit).send() });
    scope.route({
      method: 'POST',
      url: base,
      handler: run((ctx, request, reply) =>
        createOnce(ctx, { operation: 'createResumableUpload', told: toldOf(request) }, request, reply, () =>
          create(ctx, request, `${ctx.site.publicUrl ?? originOf(request, options.trusts)}${base}`),
        ),
      ),
    });
    scope.route({ method: 'HEAD', url: `${base}/:id`, handler: run(head) });
    scope.route({ method: 'PATCH', url: `${base}/:id`, handler: run(patch) });
    scope.route({ method: 'DELETE', url: `${base}/:id`, handler: run(terminate) });
  });
}

/** What says what is created. */
const toldOf = ({ headers, query }: FastifyRequest): unknown[] => [
  query,
  ...['upload-length', 'upload-complete', 'upload-metadata', 'content-type', 'content-length'].map((name) => headers[name] ?? null),
];

async function create(ctx: RequestContext, request: FastifyRequest, base: string): Promise<KeptAnswer> {
  const { headers } = request;
  refuseEncoded(headers);
  const isLast = lastOf(headers);
  const told = parseMetadata(typeof headers['upload-metadata'] === 'string' ? headers['upload-metadata'] : null);
  const { data: asked, problems } = readInput(querySchema, request.query);
  if (problems !== null) throw invalidRequest(problems);
  const metadata = new Map([...Object.entries(asked).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])), ...told]);
  const contentLength = lengthOf(headers);
  const length = headers['upload-length'] === undefined ? (isLast ? contentLength : null) : parseWhole(headers['upload-length'], 'Upload-Length');
  const session = await openResumable(ctx, {
    destination: destinationOf(metadata),
    fileName: metadata.get('filename') ?? 'file',
    contentType: metadata.get('filetype') || (headers['content-type'] === bodyType ? null : (headers['content-type'] ?? null)),
    length,
    metadata: null,
    concat: null,
  });
  const location = `${base}/${session.id}`;
  // Sent before the body has arrived, so that a client whose connection breaks meanwhile knows where to resume.
  if (request.raw.httpVersion === '1.1')
    request.raw.socket.write(`HTTP/1.1 104 Upload Resumption Supported\r\nUpload-Draft-Interop-Version: ${interopVersion}\r\nLocation: ${location}\r\n\r\n`);
  const offset = contentLength === 0 && !isLast ? 0 : await append(ctx, request, session, 0, isLast);
  return { status: 201, headers: { location, 'upload-offset': String(offset), 'upload-complete': isLast ? '?1' : '?0' } };
}

async function head(ctx: RequestContext, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { id } = request.params as { id: string };
  refuseEnded(ctx, await findResumable(ctx, id));
  await letGo(ctx, id);
  const session = await findResumable(ctx, id);
  await finishResumable({ ...ctx, signal: ctx.site.closing }, session);
  return reply
    .code(204)
    .headers({
      'cache-control': 'no-store',
      'upload-offset': String(session.received_bytes),
      'upload-complete': session.received_bytes === session.declared_bytes ? '?1' : '?0',
      ...(session.declared_bytes === null ? {} : { 'upload-length': String(session.declared_bytes) }),
    })
    .send();
}

async function patch(ctx: RequestContext, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  if (request.headers['content-type'] !== bodyType)
    throw new SafelightError('unsupported_type', `A PATCH carries Content-Type: ${bodyType}. Send it with that header.`);
  refuseEncoded(request.headers);
  const isLast = lastOf(request.headers);
  const session = await findResumable(ctx, (request.params as { id: string }).id);
  refuseEnded(ctx, session);
  const offset = await append(ctx, request, session, parseWhole(request.headers['upload-offset'], 'Upload-Offset'), isLast);
  return reply
    .code(isLast ? 200 : 201)
    .headers({ 'upload-offset': String(offset), 'upload-complete': isLast ? '?1' : '?0' })
    .send();
}

/** The last bytes fix the length when nobody has declared it; for a body without a length, only once it has ended. */
async function append(ctx: RequestContext, request: FastifyRequest, session: UploadSession, offset: number, isLast: boolean): Promise<number> {
  const lasting = { ...ctx, signal: ctx.site.closing };
  const contentLength = lengthOf(request.headers);
  const length = isLast && contentLength !== null ? offset + contentLength : null;
  const input = { contentLength, length, checksum: null };
  let appended = await appendBytes(lasting, { ...input, session, offset, body: request.raw });
  if (isLast && length === null)
    appended = await appendBytes(lasting, { ...input, session: appended.session, offset: appended.offset, length: appended.offset, body: request.raw });
  const { session: after, object, stored } = appended;
  await finishResumable(lasting, after, { ...(object && { object }), ...(stored && { stored }) });
  return appended.offset;
}

const lengthOf = (headers: FastifyRequest['headers']): number | null =>
  headers['content-length'] === undefined ? (headers['transfer-encoding'] === undefined ? 0 : null) : Number(headers['content-length']);

function lastOf(headers: FastifyRequest['headers']): boolean {
  const complete = headers['upload-complete'];
  if (complete !== '?0' && complete !== '?1')
    throw new SafelightError('invalid_request', 'Upload-Complete is ?1 with the last bytes of a file, otherwise ?0.', {
      errors: [{ field: 'Upload-Complete', message: '?0 or ?1' }],
    });
  return complete === '?1';
}
