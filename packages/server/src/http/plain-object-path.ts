import type { IncomingMessage } from 'node:http';

/**
 * The rest of `DELETE /media/…` is the path of an object, with slashes. Clients that are generated from a description encode them, as in any other
 * parameter, and no route would match; an id has none.
 */
export function plainObjectPath({ method }: Pick<IncomingMessage, 'method'>, url: string, apiPrefix: string): string {
  if (method !== 'DELETE' || !url.startsWith(`${apiPrefix}/media/`)) return url;
  const [path = '', ...query] = url.split('?');
  return [path.replaceAll(/%2f/gi, '/'), ...query].join('?');
}
