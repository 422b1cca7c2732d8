import type { FastifyInstance } from 'fastify';

import { version } from '../lib/version.ts';
import type { Collections } from '../policy/collection.ts';
import type { LookAtReadiness } from './health.ts';
import { escapeHtml, pageHeaders, writePage } from './page.ts';

export type WelcomeOptions = { apiPrefix: string; collections: Collections; baseURL: string; readiness: LookAtReadiness };

/** `/`: helps a person who has only the address to find everything else; programs get a short version in JSON. */
export function registerWelcome(app: FastifyInstance, { apiPrefix, collections, baseURL, readiness }: WelcomeOptions): void {
  app.get('/', async (request, reply) => {
    const { isReady, checks } = await readiness(request.log);
    const missing = Object.keys(checks).filter((part) => checks[part] !== 'ok');
    void reply.headers({ 'cache-control': 'no-store', vary: 'accept' });
    if (!/\btext\/html\b/.test(request.headers.accept ?? '')) {
      return await reply.send({
        name: 'Safelight',
        version,
        status: isReady ? 'ready' : 'not ready',
        api: `${apiPrefix}/`,
        openapi: '/openapi.json',
        docs: '/docs',
        console: '/console',
      });
    }
    const header = `<h1>Safelight</h1><p class="status"${isReady ? ' data-ready' : ''}>${isReady ? 'Ready' : `Not ready: ${missing.join(' and ')} ${missing.length === 1 ? 'does' : 'do'} not work at this moment`}</p><p>The media back end: uploads, processing, review, replacement, private delivery. Version ${version}.</p>`;
    return await reply
      .type('text/html; charset=utf-8')
      .headers(pageHeaders(copyScript))
      .send(writePage({ title: 'Safelight', header, main: `${doors}${firstUpload(curlFor(baseURL, apiPrefix, collections))}`, script: copyScript }));
  });
}

const doors = `<ul class="doors">${[
  ['/console', 'Console', 'Upload, look at what is there, review, change policies.'],
  ['/docs', 'API reference', 'Every operation with its bodies, in curl and TypeScript, to try it here.'],
  ['/openapi.json', 'OpenAPI document', 'The same, for programs that make clients.'],
  ['/readyz', 'Readiness', 'For load balancers: each part that must work.'],
]
  .map(([href, name, purpose]) => `<li><a href="${href}"><b>${name}</b>${purpose}</a></li>`)
  .join('')}</ul>`;

const firstUpload = (curl: string): string =>
  `<section aria-labelledby="first"><h2 id="first">A first upload</h2><p>From a folder with a <code>photo.jpg</code> in it. Put a token into <code>TOKEN</code> first: <code>npm start</code> prints one in development, <code>safelight token</code> makes one.</p><pre tabindex="0" role="region" aria-label="A command that uploads a photo"><code id="curl">${escapeHtml(curl)}</code></pre><button type="button" id="copy">Copy the command</button> <span role="status" id="copied"></span></section>`;

function curlFor(baseURL: string, apiPrefix: string, collections: Collections): string {
  const all = [...collections.values()].filter(({ kinds }) => kinds.includes('image'));
  const one = all.find(({ entityType }) => entityType === null) ?? all[0];
  const fields = one === undefined ? [] : [`collection=${one.name}`, ...(one.entityType === null ? [] : [`entityType=${one.entityType}`, 'entityId=1'])];
  return [
    `curl ${baseURL}${apiPrefix}/media`,
    '-H "Authorization: Bearer $TOKEN"',
    ...fields.map((field) => `-F ${field}`),
    // The server needs the destination before the first byte of a file.
    '-F file=@photo.jpg',
  ].join(' \\\n  ');
}

/** Where the page may not write to the clipboard (plain HTTP), it selects the command instead. */
const copyScript = `document.getElementById('copy').addEventListener('click',async()=>{const code=document.getElementById('curl'),said=document.getElementById('copied');try{await navigator.clipboard.writeText(code.textContent);said.textContent='Copied.'}catch{getSelection().selectAllChildren(code);said.textContent='Selected: copy it with the keyboard.'}})`;
