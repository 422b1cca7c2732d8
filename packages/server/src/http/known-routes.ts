import type { FastifyInstance } from 'fastify';

type Route = { matches: RegExp; parameters: number; methods: Set<string> };

export type KnownRoutes = {
  /**
   * The methods that a path takes, in order; none where nothing is there. With `below`, also those of routes that take whatever lies below
   * them, where no other route is there: whether something lies there only such a route can tell.
   */
  methodsAt(url: string, options?: { below?: boolean }): string[];
};

/** Remembers the routes that are registered from now on. */
export function rememberRoutes(app: FastifyInstance): KnownRoutes {
  const exact = new Map<string, Route>();
  const below = new Map<string, Route>();
  app.addHook('onRoute', ({ url, method }) => {
    // Of the whole site: it is there for browsers that ask whether they may, and makes no path known.
    if (url === '/*' || url === '*') return;
    const routes = url.endsWith('*') ? below : exact;
    // Every path answers the question of a browser whether it may ask.
    const route = routes.get(url) ?? { ...patternOf(url), methods: new Set(['OPTIONS']) };
    for (const one of [method].flat()) route.methods.add(one);
    routes.set(url, route);
  });
  return {
    methodsAt(url, options = {}) {
      const [asked = ''] = url.split('?', 1);
      // As the router has it, a slash at the end does not matter.
      const path = asked.length > 1 && asked.endsWith('/') ? asked.slice(0, -1) : asked;
      const found = methodsIn(exact, path);
      return found.length === 0 && options.below === true ? methodsIn(below, path) : found;
    },
  };
}

function methodsIn(routes: ReadonlyMap<string, Route>, path: string): string[] {
  const matching = [...routes.values()].filter(({ matches }) => matches.test(path));
  // A name that stands in a path is not meant as somebody's id.
  const fewest = Math.min(...matching.map(({ parameters }) => parameters));
  return [...new Set(matching.filter(({ parameters }) => parameters === fewest).flatMap(({ methods }) => [...methods]))].toSorted();
}

/** A parameter is one segment, as the router has it; with a pattern of its own it is what that says. */
function patternOf(url: string): Omit<Route, 'methods'> {
  const segments = url.split('/').map((segment) => {
    const [, pattern] = /^:\w+\(\^?(.*?)\$?\)$/.exec(segment) ?? [];
    if (pattern !== undefined) return pattern;
    if (segment.startsWith(':')) return '[^/]+';
    return segment.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
  });
  return { matches: new RegExp(`^${segments.join('/')}$`), parameters: url.split('/:').length - 1 };
}
