import { errorCodes } from '@safelight/contract/errors';
import { operations, type Operation } from '@safelight/contract/operations';
import { destinationSchema } from '@safelight/contract/uploads';
import type { FastifyInstance } from 'fastify';

import { version } from '../lib/version.ts';
import { openapiDocument } from './openapi.ts';

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
      .headers({
        'content-security-policy': "default-src 'none'; style-src 'self' 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        'x-content-type-options': 'nosniff',
        'cache-control': 'public, max-age=300',
      })
      .send((page ??= docsPage(apiPrefix))),
  );
}

const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
const prose = (text: string): string => escape(text).replaceAll(/`([^`]+)`/g, '<code>$1</code>');

function docsPage(apiPrefix: string): string {
  const byTag = Map.groupBy(Object.entries(operations) as [string, Operation][], ([, operation]) => operation.tag);
  const sections = [...byTag].map(
    ([tag, entries]) =>
      `<section aria-labelledby="${tag}"><h2 id="${tag}">${tag}</h2>${entries.map(([id, operation]) => article(id, operation, apiPrefix)).join('')}</section>`,
  );
  const rows = Object.entries(errorCodes).map(
    ([code, { status, title }]) => `<tr><td><code>${code}</code></td><td>${status}</td><td>${escape(title)}</td></tr>`,
  );
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="color-scheme" content="light dark"><title>Safelight API</title><style>${style}</style></head>
<body><a class="skip" href="#main">Skip to content</a><header><h1>Safelight API</h1><p>Version ${version}. Send <code>Authorization: Bearer &lt;token&gt;</code>. Refusals are <code>application/problem+json</code> with a stable <code>code</code>. The same as a document for programs: <a href="/openapi.json">openapi.json</a>.</p>
<nav aria-label="Sections">${[...byTag.keys()].map((tag) => `<a href="#${tag}">${tag}</a>`).join(' ')} <a href="#codes">Problem codes</a></nav></header>
<main id="main">${sections.join('')}<section aria-labelledby="codes"><h2 id="codes">Problem codes</h2><div class="scroll" tabindex="0" role="region" aria-labelledby="codes"><table><thead><tr><th scope="col">code</th><th scope="col">status</th><th scope="col">meaning</th></tr></thead><tbody>${rows.join('')}</tbody></table></div></section></main></body></html>`;
}

function article(id: string, operation: Operation, apiPrefix: string): string {
  const inputs = [
    ...fields('path', operation.params),
    ...fields('query', operation.query),
    ...fields('header', operation.headers),
    ...fields('body', operation.body),
    ...(operation.bodyType === undefined
      ? []
      : [
          ...fields('form', destinationSchema),
          '<tr><td><code>file</code></td><td>form</td><td><strong>required</strong> one or more, after the fields above</td></tr>',
        ]),
    ...(operation.idempotent === undefined
      ? []
      : ['<tr><td><code>idempotency-key</code></td><td>header</td><td>repeats answer what the first request answered</td></tr>']),
  ];
  return `<article><h3 id="${id}"><span class="method">${operation.method}</span> <code>${escape(apiPrefix + operation.path)}</code></h3><p>${prose(operation.summary)}. ${operation.scope === 'public' ? 'Needs no token.' : `Needs <code>${operation.scope}</code>.`} Answers ${Object.keys(operation.answers).join(', ')}.</p>${inputs.length === 0 ? '' : `<div class="scroll" tabindex="0" role="region" aria-label="Inputs of ${id}"><table><thead><tr><th scope="col">name</th><th scope="col">in</th><th scope="col">about</th></tr></thead><tbody>${inputs.join('')}</tbody></table></div>`}</article>`;
}

function fields(where: string, schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null || !('shape' in schema) || typeof schema.shape !== 'object' || schema.shape === null) return [];
  return Object.entries(schema.shape as Record<string, { isOptional(): boolean; description?: string }>).map(
    ([name, field]) =>
      `<tr><td><code>${escape(name)}</code></td><td>${where}</td><td>${field.isOptional() ? '' : '<strong>required</strong> '}${prose(field.description ?? '')}</td></tr>`,
  );
}

const style = `:root{--ink:#231f1c;--paper:#fbf8f5;--line:#ddd3cb;--lamp:#a3260f;--soft:#f1eae4}
@media(prefers-color-scheme:dark){:root{--ink:#f0e6df;--paper:#171210;--line:#40342e;--lamp:#ff8f70;--soft:#221b18}}
body{margin:0;font:1rem/1.6 system-ui,sans-serif;color:var(--ink);background:var(--paper)}header,main{max-width:56rem;margin:auto;padding:1rem 1.25rem}
h1{font-size:1.75rem;margin:.5rem 0}h2{border-bottom:1px solid var(--line);padding-bottom:.25rem;margin-top:2.5rem}h3{font-size:1rem;overflow-wrap:anywhere;margin-bottom:.25rem}
.method{color:var(--lamp);font-weight:700}code{font:0.9em ui-monospace,monospace;background:var(--soft);padding:.1em .3em;border-radius:.25em}a{color:var(--lamp)}nav a{margin-right:.75rem;display:inline-block;padding:.2rem 0}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.925rem}th,td{text-align:left;padding:.35rem .6rem;border-bottom:1px solid var(--line);vertical-align:top}
.skip{position:absolute;left:-99rem}.skip:focus{left:1rem;top:1rem;background:var(--paper);padding:.5rem}:focus-visible{outline:3px solid var(--lamp);outline-offset:2px}`;
