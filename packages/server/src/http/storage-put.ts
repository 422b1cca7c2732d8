import type { Scope } from '@safelight/contract/scopes';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import { SafelightError } from '../lib/errors.ts';
import { acceptBytes } from '../uploads/accept-bytes.ts';
import { claimedDigests } from '../uploads/claimed-digests.ts';
import { completeOnArrival } from '../uploads/complete-on-arrival.ts';
import { findOwnSession } from '../uploads/find-session.ts';
import { anonymous } from './authenticate.ts';
import { bodyOf } from './body-of.ts';
import { anyFields } from './form-fields.ts';
import type { RequestContext } from './request-context.ts';
import { refuseEncoded } from './refuse-encoded.ts';
import { sendProblem } from './send-problem.ts';
import { readUploadForm } from './upload-form.ts';

const missing = (): never => {
  throw new SafelightError('invalid_request', 'The form has no file. Send one in the field "file".', { errors: [{ field: 'file', message: 'missing' }] });
};

type ContextOf = (request: FastifyRequest, reply: FastifyReply) => RequestContext;

/** The signed PUT for providers that have none of their own: the signature is the only authorization. */
export function registerStoragePut(app: FastifyInstance, contextOf: ContextOf): void {
  void app.register(async (scope) => {
    // A file of any type stays on the socket, also one that is JSON or plain text.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('multipart/form-data', (request, _payload, done) => {
      request.isMultipart = true;
      done(null);
    });
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null));
    registerPut(scope, contextOf);
    registerPost(scope, contextOf);
  });
}

/** A wrong digest in a header is a bad request, as in S3; a file that does not match the digest declared earlier breaks the agreement. */
const statusOf = (error: unknown): number | undefined => (error instanceof SafelightError && error.context?.['claim'] === true ? 400 : undefined);

/** Refuses parts of a file and encoded bodies: a part is not the file, and the encoding would be stored with it. */
function refusePieces({ headers }: FastifyRequest): void {
  if (headers['content-range'] !== undefined)
    throw new SafelightError(
      'invalid_request',
      'A PUT takes the whole file at once, without Content-Range. To send it in pieces, open a multipart or tus upload.',
      {
        errors: [{ field: 'Content-Range', message: 'not taken' }],
      },
    );
  refuseEncoded(headers);
}

function registerPut(app: FastifyInstance, contextOf: ContextOf): void {
  app.route<{ Params: { '*': string }; Querystring: { upload?: string | string[]; part?: string; signature?: string | string[] } }>({
    method: 'PUT',
    url: '/storage/*',
    async handler(request, reply) {
      const { upload, part, signature } = request.query;
      if (typeof upload !== 'string' || typeof signature !== 'string')
        throw new SafelightError('forbidden', 'This URL is not signed. Use the uploadURL that init answered, as it is.');
      refusePieces(request);
      const contentLength = request.headers['content-length'];
      const ctx = contextOf(request, reply);
      try {
        const { etag } = await acceptBytes(
          { ...ctx, actor: anonymous },
          {
            uploadId: upload,
            key: request.params['*'],
            signature,
            partNumber: part === undefined ? null : Number(part),
            contentLength: contentLength === undefined ? null : Number(contentLength),
            contentType: request.headers['content-type'] ?? null,
            claims: claimedDigests(request.headers),
            body: bodyOf(request.raw, ctx.signal),
          },
        );
        return reply.code(200).headers({ etag }).send();
      } catch (error) {
        return sendProblem(error, request, reply, statusOf(error));
      }
    },
  });
}

/** The same as a form, for clients of S3's POST: the bytes pass through this server with every provider, and the request completes the upload. */
function registerPost(app: FastifyInstance, contextOf: ContextOf): void {
  app.route<{ Params: { '*': string }; Querystring: { upload?: string | string[]; signature?: string | string[] } }>({
    method: 'POST',
    url: '/storage/*',
    async handler(request, reply) {
      const { upload, signature } = request.query;
      if (typeof upload !== 'string' || typeof signature !== 'string')
        throw new SafelightError('forbidden', 'This URL is not signed. Use the url that was answered, as it is.');
      if (!request.isMultipart) throw new SafelightError('unsupported_type', 'Send the file as multipart/form-data in the field "file".');
      const ctx = contextOf(request, reply);
      let accepted: { etag: string; ownerId: string } | null = null;
      await readUploadForm(
        request,
        // S3 clients send fields that only S3 knows.
        anyFields,
        async (file) => {
          if (accepted !== null) throw new SafelightError('batch_too_large', 'This URL takes one file. Open an upload for each further file.');
          accepted = await acceptBytes(
            { ...ctx, actor: anonymous },
            { uploadId: upload, key: request.params['*'], signature, partNumber: null, contentLength: null, contentType: null, claims: [], body: file.body },
          );
        },
      );
      const { etag, ownerId } = accepted ?? missing();
      const owned = { ...ctx, actor: { id: ownerId, scopes: new Set<Scope>() } };
      const { media, jobId } = await completeOnArrival(owned, await findOwnSession(owned, { uploadId: upload }));
      return reply
        .code(201)
        .headers({ etag, location: ctx.site.links.media(media.id) })
        .send({ media, jobId });
    },
  });
}
