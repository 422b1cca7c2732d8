import type { FastifyServerOptions } from 'fastify';

const refuse = (): never => {
  throw new Error('Routes have no schemas of the framework: operations are read and checked by the contract.');
};

/** The framework loads compilers of schemas, 4 MB of memory, unless it is given others; no route has a schema to compile. */
export const noSchemas: NonNullable<FastifyServerOptions['schemaController']> = { compilersFactory: { buildValidator: refuse, buildSerializer: refuse } };
