import type { FastifyReply, FastifyRequest } from 'fastify';

import { tusVersion } from './tus-headers.ts';

const extensions = 'creation,creation-with-upload,creation-defer-length,termination,expiration,checksum,concatenation';
export const checksumAlgorithms = ['sha1', 'sha256', 'md5'];

/** What this server takes of tus, for clients that ask before they begin. */
export const announceTus = (maxBytes: number) => async (_request: FastifyRequest, reply: FastifyReply) =>
  reply
    .code(204)
    .headers({
      'tus-resumable': tusVersion,
      'tus-version': tusVersion,
      'tus-extension': extensions,
      'tus-max-size': String(maxBytes),
      'tus-checksum-algorithm': checksumAlgorithms.join(','),
    })
    .send();
