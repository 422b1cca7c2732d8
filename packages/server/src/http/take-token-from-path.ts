import type { IncomingMessage } from 'node:http';

/**
 * Stock Uppy cannot send a header to its companion, so its token is part of the address: `/companion/{token}/s3/…`. This moves the token into the
 * header before anything else sees the request, so that no route, log or error ever has it in a path.
 */
export function takeTokenFromPath(request: IncomingMessage, apiPrefix: string): string {
  const { url = '/' } = request;
  const base = `${apiPrefix}/companion/`;
  if (!url.startsWith(base) || url.startsWith(`${base}s3/`)) return url;
  const [, token = '', rest = ''] = /^([^/?]*)(.*)$/.exec(url.slice(base.length)) ?? [];
  if (token === '') return url;
  request.headers.authorization = `Bearer ${decoded(token)}`;
  const without = `${apiPrefix}/companion${rest}`;
  // The framework keeps the original address beside the rewritten one.
  Object.assign(request, { originalUrl: without });
  return without;
}

function decoded(token: string): string {
  try {
    // Drops characters that a header cannot hold; they are in no valid token.
    return decodeURIComponent(token).replaceAll(/[^\x21-\x7e]/g, '');
  } catch {
    return token;
  }
}
