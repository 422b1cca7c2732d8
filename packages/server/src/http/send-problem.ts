import type { FastifyReply, FastifyRequest } from 'fastify';

import { lingerAfter } from './linger.ts';
import { isExpected, problemOf } from './problem.ts';

/** What is left of a body that nobody reads is not waited for: the connection ends with the answer. */
export function closeBehind(request: FastifyRequest, reply: FastifyReply): void {
  reply.header('connection', 'close');
  lingerAfter(request);
}

/** The one way out of every refusal. `fixed` is a status that a protocol prescribes where the table of codes has another. */
export function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply, fixed?: number): FastifyReply {
  const { status, headers, body } = problemOf(error, request.id);
  if (isExpected(error)) request.log.info({ code: body.code, detail: body.detail }, 'refused');
  else request.log.error({ err: error }, 'failed');
  if (!request.raw.complete) closeBehind(request, reply);
  return (
    reply
      .code(fixed ?? status)
      .headers({ ...headers, 'content-type': 'application/problem+json' })
      // As bytes, because the framework adds a charset to text, and the media type of problems has none.
      .send(Buffer.from(JSON.stringify({ ...body, status: fixed ?? status })))
  );
}
