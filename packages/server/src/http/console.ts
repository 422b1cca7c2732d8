import { createHash } from 'node:crypto';

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import { prepareConsole, readConsole, type ConsoleFiles } from './console-files.ts';
import { varyBy } from './vary-by.ts';
import { hasAlready } from '../lib/etags.ts';

export type ConsoleOptions = {
  apiPrefix: string;
  /** Other origins that uploads are sent to and pictures come from: the public URL's, and those of the buckets. */
  origins?: () => readonly string[];
};

/**
 * Serves the operator console under `/console`. Nothing is read or built before the first request, so a server that only answers its API pays
 * nothing; the first request after a change of the sources waits for the build.
 */
export function registerConsole(app: FastifyInstance, { apiPrefix, origins = () => [] }: ConsoleOptions): void {
  const closing = new AbortController();
  app.addHook('onClose', async () => closing.abort());

  let current: { folder: string; files: ConsoleFiles } | undefined;
  let preparing: Promise<ConsoleFiles> | undefined;
  const prepare = async (): Promise<ConsoleFiles> => {
    const folder = await prepareConsole(closing.signal);
    if (current?.folder !== folder) current = { folder, files: await readConsole(folder) };
    return current.files;
  };
  /** Concurrent requests share one preparation. */
  const prepareOnce = (): Promise<ConsoleFiles> => {
    preparing ??= prepare().finally(() => {
      preparing = undefined;
    });
    return preparing;
  };

  const sendIndex = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    void reply.headers(securityHeaders(origins())).header('cache-control', 'no-cache');
    varyBy(reply, 'sec-fetch-site');
    let files: ConsoleFiles;
    try {
      files = await prepareOnce();
    } catch (error) {
      reply.log.error({ err: error }, 'the console could not be built');
      return await reply.code(503).type('text/plain; charset=utf-8').send('The console could not be built; the log says why. The API is not affected.\n');
    }
    const index = files.index.replace('{{apiPrefix}}', () => escapeAttribute(apiPrefix)).replace('{{arrival}}', () => arrivalOf(request));
    const etag = `"${createHash('sha256').update(index).digest('base64url').slice(0, 22)}"`;
    void reply.header('etag', etag);
    if (hasAlready(request.headers['if-none-match'], etag)) return await reply.code(304).send();
    return await reply.type('text/html; charset=utf-8').send(index);
  };

  app.route({ method: ['GET', 'HEAD'], url: '/console', handler: async (request, reply) => sendIndex(request, reply) });

  app.get<{ Params: { name: string } }>('/console/assets/:name', async (request, reply) => {
    const files = current?.files ?? (await prepareOnce());
    const asset = files.assets.get(request.params.name);
    if (asset === undefined)
      return await reply.code(404).headers(securityHeaders([])).type('text/plain; charset=utf-8').send('No such file. Reload the console.\n');
    const zipped = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
    void reply.headers(securityHeaders([])).type(asset.type).header('cache-control', 'public, max-age=31536000, immutable');
    varyBy(reply, 'accept-encoding');
    if (zipped) void reply.header('content-encoding', 'gzip');
    return await reply.send(zipped ? asset.gzip : asset.bytes);
  });
}

/** Only the console's own scripts may run; user content is only ever shown as a picture. */
function securityHeaders(origins: readonly string[]): Record<string, string> {
  const others = origins.map((origin) => ` ${origin}`).join('');
  const policy = [
    `default-src 'none'`,
    `script-src 'self'`,
    `style-src 'self'`,
    `img-src 'self' blob: data:${others}`,
    `media-src 'self' blob:${others}`,
    `connect-src 'self'${others}`,
    `base-uri 'none'`,
    `form-action 'none'`,
    `frame-ancestors 'none'`,
  ];
  return {
    'content-security-policy': policy.join('; '),
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  };
}

/**
 * Whether the user opened the console on their own (a link in a terminal, a bookmark, a page of this server) or through a link on another site. Only
 * the browser can tell, and no site can forge it. After a link from another site, the console asks before it signs in with the token of the link.
 */
const arrivalOf = ({ headers }: FastifyRequest): 'own' | 'foreign' =>
  headers['sec-fetch-site'] === 'none' || headers['sec-fetch-site'] === 'same-origin' ? 'own' : 'foreign';

const escapeAttribute = (text: string): string => text.replace(/[&"<>]/g, (character) => `&#${character.charCodeAt(0)};`);
