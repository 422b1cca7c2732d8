import { errorCodes } from '@safelight/contract/errors';
import { operations, type Operation } from '@safelight/contract/operations';
import type { FastifyInstance } from 'fastify';

import { version } from '../lib/version.ts';
import { openapiDocument } from './openapi.ts';
import { escapeHtml, pageHeaders, writePage } from './page.ts';

/** `/openapi.json` for programs and `/docs` for people, both from the contract, both made once and only when asked for. */
export function registerDocuments(app: FastifyInstance, { apiPrefix }: { apiPrefix: string }): void {
  let document: string | undefined;
  let page: string | undefined;
  app.get('/openapi.json', async (_request, reply) =>
    reply
      .type('application/json')
      .header('cache-control', 'public, max-age=300')
      .send((document ??= JSON.stringify(openapiDocument(apiPrefix, version)))),
  );
  app.get('/docs', async (_request, reply) =>
    reply
      .type('text/html; charset=utf-8')
      .headers({ ...pageHeaders(), 'cache-control': 'public, max-age=300' })
      .send((page ??= docsPage(apiPrefix))),
  );
}

const prose = (text: string): string => escapeHtml(text).replaceAll(/`([^`]+)`/g, '<code>$1</code>');

function docsPage(apiPrefix: string): string {
  const byTag = Map.groupBy(Object.entries(operations) as [string, Operation][], ([, operation]) => operation.tag);
  const sections = [...byTag].map(
    ([tag, entries]) =>
      `<section aria-labelledby="${tag}"><h2 id="${tag}">${tag}</h2>${entries.map(([id, operation]) => article(id, operation, apiPrefix)).join('')}</section>`,
  );
  const rows = Object.entries(errorCodes).map(
    ([code, { status, title }]) => `<tr><td><code>${code}</code></td><td>${status}</td><td>${escapeHtml(title)}</td></tr>`,
  );
  return writePage({
    title: 'Safelight API',
    header: `<h1>Safelight API</h1><p>Version ${version}. Send <code>Authorization: Bearer &lt;token&gt;</code>. Refusals are <code>application/problem+json</code> with a stable <code>code</code>. The same as a document for programs: <a href="/openapi.json">openapi.json</a>.</p>
<nav aria-label="Sections">${[...byTag.keys()].map((tag) => `<a href="#${tag}">${tag}</a>`).join(' ')} <a href="#codes">Problem codes</a></nav>`,
    main: `${sections.join('')}<section aria-labelledby="codes"><h2 id="codes">Problem codes</h2><div class="scroll" tabindex="0" role="region" aria-labelledby="codes"><table><thead><tr><th scope="col">code</th><th scope="col">status</th><th scope="col">meaning</th></tr></thead><tbody>${rows.join('')}</tbody></table></div></section>`,
  });
}

function article(id: string, operation: Operation, apiPrefix: string): string {
  const inputs = [
    ...fields('path', operation.params),
    ...fields('query', operation.query),
    ...fields('header', operation.headers),
    ...fields('body', operation.body),
    ...(operation.form === undefined
      ? []
      : [
          ...fields('form', operation.form),
          '<tr><td><code>file</code></td><td>form</td><td><strong>required</strong> one or more, after the fields above</td></tr>',
        ]),
    ...(operation.idempotent === undefined
      ? []
      : ['<tr><td><code>idempotency-key</code></td><td>header</td><td>repeats answer what the first request answered</td></tr>']),
  ];
  return `<article><h3 id="${id}"><span class="method">${operation.method}</span> <code>${escapeHtml(apiPrefix + operation.path)}</code></h3><p>${prose(operation.summary)}. ${operation.scope === 'public' ? 'Needs no token.' : `Needs <code>${operation.scope}</code>.`} Answers ${Object.keys(operation.answers).join(', ')}.</p>${inputs.length === 0 ? '' : `<div class="scroll" tabindex="0" role="region" aria-label="Inputs of ${id}"><table><thead><tr><th scope="col">name</th><th scope="col">in</th><th scope="col">about</th></tr></thead><tbody>${inputs.join('')}</tbody></table></div>`}</article>`;
}

function fields(where: string, schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null || !('shape' in schema) || typeof schema.shape !== 'object' || schema.shape === null) return [];
  return Object.entries(schema.shape as Record<string, { isOptional(): boolean; description?: string }>).map(
    ([name, field]) =>
      `<tr><td><code>${escapeHtml(name)}</code></td><td>${where}</td><td>${field.isOptional() ? '' : '<strong>required</strong> '}${prose(field.description ?? '')}</td></tr>`,
  );
}
