import { errorCodes } from '@safelight/contract/errors';
import { operations, type Operation } from '@safelight/contract/operations';
import { z } from 'zod';
import { codeSamples, type DescribedOperation } from './code-samples.ts';
import { exampleOf, type Schemas } from './example-of.ts';
import { protocolPaths } from './protocol-paths.ts';
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi';

const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.enum(Object.keys(errorCodes) as [keyof typeof errorCodes, ...(keyof typeof errorCodes)[]]),
    detail: z.string(),
    requestId: z.string().optional(),
    errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457: `code` is stable, `detail` is a sentence for a person.' });

/** A multipart form: its fields and its files. */
const formOf = (fields: z.ZodObject) =>
  fields.extend({
    file: z
      .array(z.string().meta({ override: { type: 'string', format: 'binary' } }))
      .meta({ description: 'One or more files; send the fields above before them.' }),
  });

/** The OpenAPI 3.1 document, from the same schemas that validate requests, plus the paths that other protocols define. */
export function openapiDocument({ apiPrefix, baseURL, version }: { apiPrefix: string; baseURL: string; version: string }): ReturnType<typeof createDocument> {
  const paths: ZodOpenApiPathsObject = {};
  for (const [id, operation] of Object.entries(operations)) {
    const path = apiPrefix + operation.path.replace('/*', '/{path}');
    paths[path] = { ...paths[path], [operation.method.toLowerCase()]: describe(id, operation) };
  }
  const document = createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Safelight',
      version,
      description: 'Uploads, processing, review, replacement and private delivery of an application’s media.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer', description: 'A JWT with `sub` and `scope`, or an API key.' } } },
    paths: { ...paths, ...protocolPaths(apiPrefix) },
  });
  addExamples(document, baseURL);
  return document;
}

const known: ReadonlySet<string> = new Set(Object.keys(operations));

/** Adds to every operation a body that the server would accept, and the same request in curl and in TypeScript. */
function addExamples(document: ReturnType<typeof createDocument>, baseURL: string): void {
  const schemas = (document.components?.schemas ?? {}) as Schemas;
  for (const [path, methods] of Object.entries(document.paths ?? {})) {
    for (const [method, described] of Object.entries(methods as Record<string, DescribedOperation>)) {
      const json = described.requestBody?.content['application/json'];
      if (json?.schema !== undefined) json.example = exampleOf(json.schema, schemas);
      for (const { content = {} } of Object.values(described.responses ?? {})) {
        const answer = content['application/json'];
        if (answer?.schema !== undefined) answer.example = exampleOf(answer.schema, schemas);
      }
      Object.assign(described, { 'x-codeSamples': codeSamples(method, path, described, { baseURL, schemas, known }) });
    }
  }
}

function describe(id: string, operation: Operation): ZodOpenApiOperationObject {
  const codes = new Set([
    ...(operation.errors ?? []),
    ...(operation.scope === 'public' ? [] : (['unauthenticated', 'forbidden'] as const)),
    'invalid_request' as const,
    'not_found' as const,
    ...(operation.body === undefined ? [] : (['unsupported_type', 'file_too_large'] as const)),
  ]);
  const byStatus = Map.groupBy(codes, (code) => errorCodes[code].status);
  const responses: ZodOpenApiOperationObject['responses'] = {};
  for (const [status, schema] of Object.entries(operation.answers)) {
    responses[status as `${1 | 2 | 3}${string}`] = {
      description: status === '304' ? 'You have it already.' : operation.summary,
      ...(schema === null ? (status === '200' ? { content: { 'text/event-stream': {} } } : {}) : { content: { 'application/json': { schema } } }),
    };
  }
  for (const [status, group] of byStatus) {
    responses[String(status) as `${4 | 5}${string}`] = {
      description: group.map((code) => `\`${code}\`: ${errorCodes[code].title}`).join('; '),
      content: { 'application/problem+json': { schema: problem } },
    };
  }
  responses.default = {
    description: 'Any other refusal, also when the server cannot answer now.',
    content: { 'application/problem+json': { schema: problem } },
  };
  const idempotency = z.object({
    'idempotency-key': z.string().optional().meta({ description: 'Repeating the request under the same key answers what the first one answered.' }),
  });
  const header = operation.idempotent === undefined ? operation.headers : (operation.headers ?? z.object({})).extend(idempotency.shape);
  return {
    operationId: id,
    summary: operation.summary,
    tags: [operation.tag],
    security: operation.scope === 'public' ? [{}, { bearer: [] }] : [{ bearer: [operation.scope] }],
    requestParams: {
      ...(operation.params === undefined ? {} : { path: operation.path.endsWith('/*') ? z.object({ path: z.string() }) : operation.params }),
      ...(operation.query === undefined ? {} : { query: operation.query }),
      ...(header === undefined ? {} : { header }),
    },
    ...(operation.form === undefined && operation.body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: {
              ...(operation.form === undefined ? {} : { 'multipart/form-data': { schema: formOf(operation.form) } }),
              ...(operation.body === undefined ? {} : { 'application/json': { schema: operation.body } }),
            },
          },
        }),
    responses,
  };
}
