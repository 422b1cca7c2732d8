import type { FastifyInstance } from 'fastify';

import { version } from '../lib/version.ts';
import { registerApiReference } from './api-reference.ts';

/** Serves `/openapi.json` for programs, generated from the contract on the first request, and `/docs` over it, for people. */
export function registerDocuments(app: FastifyInstance, { apiPrefix, baseURL }: { apiPrefix: string; baseURL: string }): void {
  let document: Promise<string> | undefined;
  const make = async (): Promise<string> => {
    const { openapiDocument } = await import('./openapi.ts');
    return JSON.stringify(openapiDocument({ apiPrefix, baseURL, version }));
  };
  app.get('/openapi.json', async (_request, reply) =>
    reply
      .type('application/json')
      .header('cache-control', 'public, max-age=300')
      .send(await (document ??= make())),
  );
  registerApiReference(app);
}
