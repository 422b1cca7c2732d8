import type { IncomingMessage } from 'node:http';

/**
 * Stock Uppy cannot send a header to its companion, so its token stands in the address: `/companion/{token}/s3/…`. It is moved into the
 * header before anything else looks at the request: no route, no log and no error ever has it in a path, however long it is.
 */
export function takeTokenFromPath(request: IncomingMessage, apiPrefix: string): string {
  const { url = '/' } = request;
  const base = `${apiPrefix}/companion/`;
  if (!url.startsWith(base) || url.startsWith(`${base}s3/`)) return url;
  const [, token = '', rest = ''] = /^([^/?]*)(.*)$/.exec(url.slice(base.length)) ?? [];
  if (token === '') return url;
  request.headers.authorization = `Bearer ${decoded(token)}`;
  const without = `${apiPrefix}/companion${rest}`;
  // The framework keeps the address as it came beside the one that it goes on with.
  Object.assign(request, { originalUrl: without });
  return without;
}

function decoded(token: string): string {
  try {
    // What cannot stand in a header is no token.
    return decodeURIComponent(token).replaceAll(/[^\x21-\x7e]/g, '');
  } catch {
    return token;
  }
}
