import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import { operations, type Operation, type OperationId } from '@safelight/contract/operations';
import type { FieldProblem } from '@safelight/contract/errors';
import type { z } from 'zod';

import { SafelightError } from '../lib/errors.ts';
import { isBound } from '../lib/reach.ts';
import { requireScope, type Authenticate } from './authenticate.ts';
import { fieldProblems } from './field-problems.ts';
import { runOnce } from './idempotency.ts';
import type { RequestContext } from './request-context.ts';
import { closeBehind } from './send-problem.ts';
import { findUnstorable } from './storable-text.ts';
import { varyBy } from './vary-by.ts';

type Parsed<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;
type OperationOf<Id extends OperationId> = (typeof operations)[Id];
type Field<Op, Name extends string> = Op extends Record<Name, infer Schema> ? Parsed<Schema> : undefined;

export type OperationInput<Id extends OperationId> = {
  params: Field<OperationOf<Id>, 'params'>;
  query: Field<OperationOf<Id>, 'query'>;
  headers: Field<OperationOf<Id>, 'headers'>;
  body: Field<OperationOf<Id>, 'body'>;
};

/** What an operation answers. `sent` means that it wrote the answer itself, as a stream. */
export type Answer = { status: number; body?: unknown; headers?: Record<string, string> } | 'sent';

export type Handler<Id extends OperationId> = (
  ctx: RequestContext,
  input: OperationInput<Id>,
  raw: { request: FastifyRequest; reply: FastifyReply },
) => Promise<Answer>;
export type Handlers = { [Id in OperationId]: Handler<Id> };

export type BindOptions = { apiPrefix: string; authenticate: Authenticate; contextOf(request: FastifyRequest, reply: FastifyReply): RequestContext };

/** Binds one operation of the contract to its handler: authentication, scope, validation, idempotency, answer. */
export function bindOperation<Id extends OperationId>(app: FastifyInstance, id: Id, handler: Handler<Id>, options: BindOptions): void {
  const operation: Operation = operations[id];
  app.route({
    method: operation.method,
    // A stream of events has no end whose length could be told.
    exposeHeadRoute: id !== 'followEvents',
    url: options.apiPrefix + operation.path.replaceAll(/\{(\w+)\}/g, ':$1'),
    async handler(request, reply) {
      const actor = await options.authenticate(request.headers);
      if (operation.scope !== 'public') requireScope(actor, operation.scope);
      if (isSiteWide(operation) && isBound(actor))
        throw new SafelightError('forbidden', 'This is about the whole site, and the API key is bound to entities. Use one without entity patterns.');
      const ctx: RequestContext = { ...options.contextOf(request, reply), actor };
      const input = parseInput(operation, request);
      // The schemas of this very operation have just been applied.
      const run = () => handler(ctx, input as OperationInput<Id>, { request, reply });
      const key = operation.idempotent === undefined ? undefined : request.headers['idempotency-key'];
      // A form is read while it runs, so what makes it the same is known only then.
      const payload = operation.bodyType !== undefined && request.isMultipart ? null : (input.body ?? request.body ?? {});
      const answer = typeof key === 'string' ? await runOnce(ctx, { key, operation: operationOn(id, request.params), payload, request }, run) : await run();
      if (answer === 'sent') return reply;
      if (!request.raw.complete) closeBehind(request, reply);
      // What is private to a reader is another answer to the next one.
      if (answer.headers?.['cache-control']?.startsWith('private') === true) varyBy(reply, 'authorization');
      return reply
        .code(answer.status)
        .headers(answer.headers ?? {})
        .send(answer.body);
    },
  });
}

/** Policies, reports and records of what was done name what lies at every entity. */
const isSiteWide = ({ scope }: Operation): boolean => scope === 'media:manage' || scope === 'media:admin';

/** The operation and what it is asked of: the same body for something else is another request. */
const operationOn = (id: OperationId, params: unknown): string => [id, ...Object.values(params as Record<string, string>)].join(' ');

function parseInput(operation: Operation, request: FastifyRequest): { params: unknown; query: unknown; headers: unknown; body: unknown } {
  const problems: FieldProblem[] = [];
  const parse = (schema: z.ZodType | undefined, value: unknown): unknown => {
    if (schema === undefined) return undefined;
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    problems.push(...fieldProblems(parsed.error));
    return undefined;
  };
  const badId = findUnstorable(request.params).length > 0 || (operation.params !== undefined && !operation.params.safeParse(request.params).success);
  // A malformed id names nothing: it is not found rather than malformed, as any other unknown one.
  if (badId) throw new SafelightError('not_found', 'There is nothing with this id.');
  const input = {
    params: parse(operation.params, request.params),
    query: parse(operation.query, request.query),
    headers: parse(operation.headers, request.headers),
    body: parse(operation.body, operation.body === undefined ? undefined : request.body === undefined ? {} : request.body),
  };
  for (const part of [input.query, input.headers, input.body]) problems.push(...findUnstorable(part));
  if (problems.length > 0) {
    const [first] = problems;
    throw new SafelightError(
      'invalid_request',
      `${first === undefined || first.field === '' ? 'The request' : first.field}: ${first?.message ?? 'not valid'}.`,
      { errors: problems },
    );
  }
  return input;
}
