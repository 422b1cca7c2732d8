import type { FastifyReply, FastifyRequest } from 'fastify';

import { lingerAfter } from './linger.ts';
import { isExpected, problemOf } from './problem.ts';

/** The one way out of every refusal. `fixed` is a status that a protocol prescribes where the table of codes has another. */
export function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply, fixed?: number): FastifyReply {
  const { status, headers, body } = problemOf(error, request.id);
  if (isExpected(error)) request.log.info({ code: body.code, detail: body.detail }, 'refused');
  else request.log.error({ err: error }, 'failed');
  // What is left of a refused body is not waited for: the connection ends with the answer.
  if (!request.raw.complete) {
    reply.header('connection', 'close');
    lingerAfter(request);
  }
  return (
    reply
      .code(fixed ?? status)
      .headers({ ...headers, 'content-type': 'application/problem+json' })
      // As bytes, because the framework adds a charset to text, and the media type of problems has none.
      .send(Buffer.from(JSON.stringify({ ...body, status: fixed ?? status })))
  );
}
