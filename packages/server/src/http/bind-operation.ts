import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import { operations, type Operation, type OperationId } from '@safelight/contract/operations';
import type { FieldProblem } from '@safelight/contract/errors';
import { z } from 'zod';

import type { Actor } from '../lib/context.ts';
import { SafelightError } from '../lib/errors.ts';
import { isBound } from '../lib/reach.ts';
import type { Answer } from './answer.ts';
import { requireScope, type Authenticate } from './authenticate.ts';
import { runOnce, type KeepIn } from './idempotency.ts';
import { invalidRequest, readInput, withoutEmptyTexts } from './read-input.ts';
import type { RequestContext } from './request-context.ts';
import { closeBehind } from './send-problem.ts';
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

/** What belongs to the HTTP request alone and is not passed to use-cases. */
export type Asked = {
  request: FastifyRequest;
  reply: FastifyReply;
  /** Authenticates the request again, to see whether its credentials are still valid. */
  authenticateAgain(): Promise<Actor>;
  /** Undefined for a request without an `Idempotency-Key`. */
  keepIn?: KeepIn | undefined;
};

export type Handler<Id extends OperationId> = (ctx: RequestContext, input: OperationInput<Id>, asked: Asked) => Promise<Answer>;
export type Handlers = { [Id in OperationId]: Handler<Id> };

export type BindOptions = { apiPrefix: string; authenticate: Authenticate; contextOf(request: FastifyRequest, reply: FastifyReply): RequestContext };

/** Binds one operation of the contract to its handler: authentication, scope, validation, idempotency, answer. */
export function bindOperation<Id extends OperationId>(app: FastifyInstance, id: Id, handler: Handler<Id>, options: BindOptions): void {
  const operation: Operation = operations[id];
  app.route({
    method: operation.method,
    // A stream of events has no length that HEAD could report.
    exposeHeadRoute: id !== 'followEvents',
    url: options.apiPrefix + operation.path.replaceAll(/\{(\w+)\}/g, ':$1'),
    async handler(request, reply) {
      const actor = await options.authenticate(request.headers);
      if (operation.scope !== 'public') requireScope(actor, operation.scope);
      if (isSiteWide(operation) && isBound(actor))
        throw new SafelightError('forbidden', 'This is about the whole site, and the API key is bound to entities. Use one without entity patterns.');
      const ctx: RequestContext = { ...options.contextOf(request, reply), actor };
      const input = parseInput(operation, request);
      // Safe: the schemas of this operation have just validated the input.
      const run = (keepIn?: KeepIn) =>
        handler(ctx, input as OperationInput<Id>, { request, reply, authenticateAgain: authenticateBy(options, request.headers), keepIn });
      const key = operation.idempotent === undefined ? undefined : request.headers['idempotency-key'];
      // A form is read while the operation runs, so its fingerprint is known only afterwards.
      const payload = operation.form !== undefined && request.isMultipart ? null : (input.body ?? request.body ?? {});
      const sealing = operation.answersSecret === true ? ctx.site.webhooks.sealing : undefined;
      const answer =
        typeof key === 'string' ? await runOnce(ctx, { key, operation: operationOn(id, request.params), payload, request, sealing }, run) : await run();
      if (answer === 'sent') return reply;
      if (!request.raw.complete) closeBehind(request, reply);
      // A private answer differs from one reader to the next.
      if (answer.headers?.['cache-control']?.startsWith('private') === true) varyBy(reply, 'authorization');
      const { status, headers = {}, body } = answer;
      reply.code(status).headers(headers);
      if (body === undefined || body === null || Buffer.isBuffer(body)) return reply.send(body);
      // As bytes: of a text, Node makes a second one, which begins with the headers.
      return reply.type('application/json; charset=utf-8').send(Buffer.from(JSON.stringify(body)));
    },
  });
}

/** Remembers the headers and not the request, for answers that go on for hours. */
const authenticateBy =
  ({ authenticate }: BindOptions, headers: FastifyRequest['headers']) =>
  async (): Promise<Actor> =>
    await authenticate(headers);

/** Policies, reports and audit records span all entities. */
const isSiteWide = ({ scope }: Operation): boolean => scope === 'media:manage' || scope === 'media:admin';

/** The operation and its path parameters: the same body sent to another path is another request. */
const operationOn = (id: OperationId, params: unknown): string => [id, ...Object.values(params as Record<string, string>)].join(' ');

/** Made once, because a schema is compiled when it is first used. */
const nothing = z.strictObject({});
const anything = z.looseObject({});

function parseInput(operation: Operation, request: FastifyRequest): { params: unknown; query: unknown; headers: unknown; body: unknown } {
  const problems: FieldProblem[] = [];
  const read = (schema: z.ZodType, given: unknown): unknown => {
    const { data, problems: found } = readInput(schema, given);
    problems.push(...(found ?? []));
    return data;
  };
  const params = readInput(operation.params ?? anything, request.params);
  if (params.problems !== null) {
    // A malformed id is answered with 404, as any unknown id is; a language has a form that its sender can mend.
    if (params.problems.every(({ field }) => field === 'language')) throw invalidRequest(params.problems);
    throw new SafelightError('not_found', 'There is nothing at this address. Check the id in its path.');
  }
  // The operation itself reads forms, and any body sent to an operation that takes only a form.
  const said = operation.emptyIsAbsent === true ? withoutEmptyTexts(request.body) : request.body;
  const isForm = operation.form !== undefined && (request.isMultipart || operation.body === undefined);
  const input = {
    params: params.data,
    query: read(operation.query ?? nothing, request.query),
    headers: operation.headers === undefined ? undefined : read(operation.headers, request.headers),
    body: isForm ? undefined : read(operation.body ?? nothing, said === undefined ? {} : said),
  };
  if (problems.length > 0) throw invalidRequest(problems);
  return input;
}
