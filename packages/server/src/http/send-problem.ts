import type { FastifyReply, FastifyRequest } from 'fastify';

import { drainAfterRefusal } from './drain-after-refusal.ts';
import { logFault } from './log-fault.ts';
import { levelOf, problemOf, type ProblemAnswer } from './problem.ts';
import { isCallerGone } from './request-signals.ts';

/** Does not wait for the rest of an unread body: the connection ends with the answer. */
export function closeBehind(request: FastifyRequest, reply: FastifyReply): void {
  reply.header('connection', 'close');
  drainAfterRefusal(request);
}

/** Every refusal is sent from here. `fixed` is a status that a protocol prescribes, where the table of codes has another. */
export function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply, fixed?: number): FastifyReply {
  const problem = problemOf(error, request.id);
  // A client that disconnected during its request, or before its answer, can be told nothing.
  const isGone = (request.raw.destroyed && !request.raw.complete) || isCallerGone(error, reply.raw);
  const level = isGone ? 'info' : levelOf(error);
  if (level === 'info') request.log.info({ code: problem.body.code }, 'refused');
  else request.log[level]({ fault: logFault(error) }, 'failed');
  return writeProblem(problem, request, reply, fixed);
}

const aboutContent = ['etag', 'last-modified', 'accept-ranges', 'content-disposition', 'content-length', 'content-range'];

/** Sends the problem without logging it. */
export function writeProblem({ status, headers, body }: ProblemAnswer, request: FastifyRequest, reply: FastifyReply, fixed = status): FastifyReply {
  if (!request.raw.complete) closeBehind(request, reply);
  // Headers set for the intended content do not apply to the refusal.
  for (const name of aboutContent) reply.removeHeader(name);
  return (
    reply
      .code(fixed)
      .headers({ ...headers, 'content-type': 'application/problem+json', 'x-content-type-options': 'nosniff' })
      // Sent as bytes, because the framework adds a charset to text and the problem media type has none.
      .send(Buffer.from(JSON.stringify({ ...body, status: fixed })))
  );
}
