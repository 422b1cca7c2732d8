import type { FastifyReply, FastifyRequest } from 'fastify';

import type { KeptAnswer } from './answer.ts';
import { runOnce } from './idempotency.ts';
import type { RequestContext } from './request-context.ts';
import { closeBehind } from './send-problem.ts';

/** `told` is all that says what is created, except the bytes: these may differ, as a client resumes from the offset that it is answered. */
type Creation = { operation: string; told: unknown };

/** Opens an upload of a protocol of its own, once for each `Idempotency-Key`, as the operations of the contract do. */
export async function createOnce(
  ctx: RequestContext,
  { operation, told }: Creation,
  request: FastifyRequest,
  reply: FastifyReply,
  create: () => Promise<KeptAnswer>,
): Promise<FastifyReply> {
  const key = request.headers['idempotency-key'];
  const answer = typeof key === 'string' ? await runOnce(ctx, { key, operation, payload: told, request }, create) : await create();
  if (answer === 'sent') return reply;
  // A repeat's bytes are not read: the first request has taken them, or the client resumes.
  if (!request.raw.complete) closeBehind(request, reply);
  return reply
    .code(answer.status)
    .headers(answer.headers ?? {})
    .send(answer.body);
}
