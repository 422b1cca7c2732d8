/** Where in the console one is: `#/library/{id}?kind=image`. In the fragment, so that it works under any path and needs no server. */
export type Route = { page: string; id: string | null; query: URLSearchParams };

export function parseRoute(hash: string): Route {
  const [path = '', search = ''] = hash.replace(/^#\/?/, '').split('?', 2);
  const [page = '', id] = path.split('/');
  return { page, id: id ? decodeURIComponent(id) : null, query: new URLSearchParams(search) };
}

export function hrefOf(page: string, id: string | null = null, query: URLSearchParams = new URLSearchParams()): string {
  const search = query.toString();
  return `#/${page}${id === null ? '' : `/${encodeURIComponent(id)}`}${search === '' ? '' : `?${search}`}`;
}
