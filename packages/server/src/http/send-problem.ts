import type { FastifyReply, FastifyRequest } from 'fastify';

import { drainAfterRefusal } from './drain-after-refusal.ts';
import { logFault } from './log-fault.ts';
import { levelOf, problemOf, type ProblemAnswer } from './problem.ts';
import { isCallerGone } from './request-signals.ts';

/** What is left of a body that nobody reads is not waited for: the connection ends with the answer. */
export function closeBehind(request: FastifyRequest, reply: FastifyReply): void {
  reply.header('connection', 'close');
  drainAfterRefusal(request);
}

/** The one way out of every refusal. `fixed` is a status that a protocol prescribes where the table of codes has another. */
export function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply, fixed?: number): FastifyReply {
  const problem = problemOf(error, request.id);
  // Of a client that went in the middle of its request, or before its answer, nobody can say more.
  const isGone = (request.raw.destroyed && !request.raw.complete) || isCallerGone(error, reply.raw);
  const level = isGone ? 'info' : levelOf(error);
  if (level === 'info') request.log.info({ code: problem.body.code }, 'refused');
  else request.log[level]({ fault: logFault(error) }, 'failed');
  return writeProblem(problem, request, reply, fixed);
}

const aboutContent = ['etag', 'last-modified', 'accept-ranges', 'content-disposition', 'content-length', 'content-range'];

/** Without a word to the log. */
export function writeProblem({ status, headers, body }: ProblemAnswer, request: FastifyRequest, reply: FastifyReply, fixed = status): FastifyReply {
  if (!request.raw.complete) closeBehind(request, reply);
  // A refusal is not what was about to be sent: nothing that was said of that holds for it.
  for (const name of aboutContent) reply.removeHeader(name);
  return (
    reply
      .code(fixed)
      .headers({ ...headers, 'content-type': 'application/problem+json', 'x-content-type-options': 'nosniff' })
      // As bytes, because the framework adds a charset to text, and the media type of problems has none.
      .send(Buffer.from(JSON.stringify({ ...body, status: fixed })))
  );
}
