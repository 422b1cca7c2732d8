import { gzipSync } from 'node:zlib';

import Fastify, { type FastifyInstance } from 'fastify';

import { scriptHash } from './page.ts';
import { varyBy } from './vary-by.ts';

/**
 * `/docs` for people: Scalar's API reference over `/openapi.json`. It is served from the installed npm package, so nothing is loaded from elsewhere.
 */
export function registerApiReference(app: FastifyInstance): void {
  let program: Promise<{ plain: Buffer; zipped: Buffer }> | undefined;
  app.get('/docs', async (_request, reply) =>
    reply.type('text/html; charset=utf-8').headers(headers).header('cache-control', 'public, max-age=300').send(page),
  );
  app.get('/docs/reference.js', async (request, reply) => {
    const { plain, zipped } = await (program ??= readProgram());
    const isZipped = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
    varyBy(reply, 'accept-encoding');
    return reply
      .type('text/javascript; charset=utf-8')
      .headers({ ...(isZipped ? { 'content-encoding': 'gzip' } : {}), 'cache-control': 'public, max-age=86400', 'x-content-type-options': 'nosniff' })
      .send(isZipped ? zipped : plain);
  });
}

/**
 * The program is five megabytes and rarely asked for, so it is read on the first request. The package exports it only through its own server plugin.
 */
async function readProgram(): Promise<{ plain: Buffer; zipped: Buffer }> {
  const { default: scalar } = await import('@scalar/fastify-api-reference');
  const inner = Fastify();
  try {
    await inner.register(scalar, { routePrefix: '/docs', configuration: { url: '/openapi.json' } });
    const { rawPayload: plain } = await inner.inject('/docs/js/scalar.js');
    return { plain, zipped: gzipSync(plain) };
  } finally {
    await inner.close();
  }
}

/**
 * The page loads nothing from other hosts: no fonts, no proxy, no analytics, no assistant. A token after `#token=`, as in the console, authorizes the
 * requests that a reader tries out; the script removes it from the address at once.
 */
const script = `
const token = new URLSearchParams(location.hash.slice(1)).get('token');
if (token !== null) history.replaceState(null, '', location.pathname);
if (globalThis.Scalar) Scalar.createApiReference('#reference', {
  url: '/openapi.json',
  theme: 'default',
  withDefaultFonts: false,
  telemetry: false,
  agent: { disabled: true },
  mcp: { disabled: true },
  hideClientButton: true,
  showDeveloperTools: 'never',
  persistAuth: false,
  servers: [{ url: location.origin }],
  hiddenClients: true,
  authentication: { preferredSecurityScheme: 'bearer', securitySchemes: { bearer: { token: token ?? '' } } },
});
`;

const page = `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="color-scheme" content="light dark"><title>Safelight API</title><style>body{margin:0;overflow-x:clip}.t-doc__header span{min-width:0;overflow:hidden;text-overflow:ellipsis}</style></head>
<body><noscript><p>The API reference is made by a script. The same for programs: <a href="/openapi.json">openapi.json</a>.</p></noscript>
<div id="reference"></div><script src="/docs/reference.js"></script><script>${script}</script></body></html>`;

/** These headers hold for this path alone: the program sets inline styles, and it connects to this server only. */
const headers = {
  'content-security-policy': `default-src 'none'; script-src 'self' '${scriptHash(script)}'; style-src 'unsafe-inline'; img-src 'self' data: blob:; font-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};
