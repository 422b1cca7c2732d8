import type { FastifyInstance } from 'fastify';

type Route = { matches: RegExp; parameters: number; methods: Set<string> };

export type KnownRoutes = {
  /**
   * The methods of a path, in order; none when no route matches. With `below`, also those of wildcard routes, where no other route matches: only the
   * wildcard route itself can tell whether a resource exists there.
   */
  methodsAt(url: string, options?: { below?: boolean }): string[];
};

/** Records the routes that are registered from now on. */
export function rememberRoutes(app: FastifyInstance): KnownRoutes {
  const exact = new Map<string, Route>();
  const below = new Map<string, Route>();
  app.addHook('onRoute', ({ url, method }) => {
    // This route answers preflights for the whole site and says nothing about a path.
    if (url === '/*' || url === '*') return;
    const routes = url.endsWith('*') ? below : exact;
    // Every path answers a preflight.
    const route = routes.get(url) ?? { ...patternOf(url), methods: new Set(['OPTIONS']) };
    for (const one of [method].flat()) route.methods.add(one);
    routes.set(url, route);
  });
  return {
    methodsAt(url, options = {}) {
      const [asked = ''] = url.split('?', 1);
      // Ignores a trailing slash, as the router does.
      const path = asked.length > 1 && asked.endsWith('/') ? asked.slice(0, -1) : asked;
      const found = methodsIn(exact, path);
      return found.length === 0 && options.below === true ? methodsIn(below, path) : found;
    },
  };
}

function methodsIn(routes: ReadonlyMap<string, Route>, path: string): string[] {
  const matching = [...routes.values()].filter(({ matches }) => matches.test(path));
  // A fixed segment takes precedence over a parameter.
  const fewest = Math.min(...matching.map(({ parameters }) => parameters));
  return [...new Set(matching.filter(({ parameters }) => parameters === fewest).flatMap(({ methods }) => [...methods]))].toSorted();
}

/** A parameter matches one segment, as in the router, or its own pattern. */
function patternOf(url: string): Omit<Route, 'methods'> {
  const segments = url.split('/').map((segment) => {
    const [, pattern] = /^:\w+\(\^?(.*?)\$?\)$/.exec(segment) ?? [];
    if (pattern !== undefined) return pattern;
    if (segment.startsWith(':')) return '[^/]+';
    return segment.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
  });
  return { matches: new RegExp(`^${segments.join('/')}$`), parameters: url.split('/:').length - 1 };
}
