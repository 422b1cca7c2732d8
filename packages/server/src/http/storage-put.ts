import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import { SafelightError } from '../lib/errors.ts';
import { acceptBytes } from '../uploads/accept-bytes.ts';
import { completeUpload } from '../uploads/complete-upload.ts';
import { anonymous } from './authenticate.ts';
import { bodyOf } from './body-of.ts';
import type { RequestContext } from './request-context.ts';
import { readUploadForm } from './upload-form.ts';

const missing = (): never => {
  throw new SafelightError('invalid_request', 'The form has no file. Send one in the field "file".', { errors: [{ field: 'file', message: 'missing' }] });
};

type ContextOf = (request: FastifyRequest, reply: FastifyReply) => RequestContext;

/** The signed PUT of providers that have no signed PUT of their own: the signature is all the authorization there is. */
export function registerStoragePut(app: FastifyInstance, contextOf: ContextOf): void {
  void app.register(async (scope) => {
    // A file of any type is left on the socket, also one that is JSON or plain text.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('multipart/form-data', (request, _payload, done) => {
      request.isMultipart = true;
      done(null);
    });
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null));
    registerRoutes(scope, contextOf);
  });
}

function registerRoutes(app: FastifyInstance, contextOf: ContextOf): void {
  app.route<{ Params: { '*': string }; Querystring: { upload?: string | string[]; part?: string; signature?: string | string[] } }>({
    method: 'PUT',
    url: '/storage/*',
    async handler(request, reply) {
      const { upload, part, signature } = request.query;
      if (typeof upload !== 'string' || typeof signature !== 'string')
        throw new SafelightError('forbidden', 'This URL is not signed. Use the uploadURL that init answered, as it is.');
      const contentLength = request.headers['content-length'];
      const ctx = contextOf(request, reply);
      const { etag } = await acceptBytes(
        { ...ctx, actor: anonymous },
        {
          uploadId: upload,
          key: request.params['*'],
          signature,
          partNumber: part === undefined ? null : Number(part),
          contentLength: contentLength === undefined ? null : Number(contentLength),
          body: bodyOf(request.raw, ctx.signal),
        },
      );
      return reply.code(200).headers({ etag }).send();
    },
  });
  // The same as a form, for clients of S3's POST: it comes through us whatever the provider, and ends the upload.
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
        async (file) => {
          if (accepted !== null) throw new SafelightError('batch_too_large', 'This URL takes one file.');
          accepted = await acceptBytes(
            { ...ctx, actor: anonymous },
            { uploadId: upload, key: request.params['*'], signature, partNumber: null, contentLength: null, body: file.body },
          );
        },
        'known',
      );
      const { etag, ownerId } = accepted ?? missing();
      const { media, jobId } = await completeUpload({ ...ctx, actor: { id: ownerId, scopes: new Set() } }, { uploadId: upload });
      return reply
        .code(201)
        .headers({ etag, location: ctx.links.media(media.id) })
        .send({ media, jobId });
    },
  });
}
