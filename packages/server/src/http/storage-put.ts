import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import { SafelightError } from '../lib/errors.ts';
import { acceptBytes } from '../uploads/accept-bytes.ts';
import { anonymous } from './authenticate.ts';
import { bodyOf } from './body-of.ts';
import type { RequestContext } from './request-context.ts';

/** The signed PUT of providers that have no signed PUT of their own: the signature is all the authorization there is. */
export function registerStoragePut(app: FastifyInstance, contextOf: (request: FastifyRequest, reply: FastifyReply) => RequestContext): void {
  app.route<{ Params: { '*': string }; Querystring: { upload?: string; part?: string; signature?: string } }>({
    method: 'PUT',
    url: '/storage/*',
    async handler(request, reply) {
      const { upload, part, signature } = request.query;
      if (upload === undefined || signature === undefined) throw new SafelightError('forbidden', 'This URL is not signed. Use the uploadURL that init answered, as it is.');
      const contentLength = request.headers['content-length'];
      const { etag } = await acceptBytes(
        { ...contextOf(request, reply), actor: anonymous },
        { uploadId: upload, key: request.params['*'], signature, partNumber: part === undefined ? null : Number(part), contentLength: contentLength === undefined ? null : Number(contentLength), body: bodyOf(request.raw) },
      );
      return reply.code(200).headers({ etag }).send();
    },
  });
}
