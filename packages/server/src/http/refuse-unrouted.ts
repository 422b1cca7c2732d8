import type { FastifyInstance } from 'fastify';

import { notFound, SafelightError } from '../lib/errors.ts';
import { sendProblem } from './send-problem.ts';

type Route = { matches: RegExp; parameters: number; methods: Set<string> };

/**
 * Refuses what no route takes: 405 with the methods in `Allow` where the path has others, otherwise 404. To be registered before the
 * routes, which it remembers. Routes that take whatever lies below them do not make a path known: 405 would promise something there.
 */
export function refuseUnrouted(app: FastifyInstance): void {
  const routes = new Map<string, Route>();
  app.addHook('onRoute', ({ url, method }) => {
    if (url.endsWith('*')) return;
    // Every path answers the question of a browser whether it may ask.
    const route = routes.get(url) ?? { ...patternOf(url), methods: new Set(['OPTIONS']) };
    for (const one of [method].flat()) route.methods.add(one);
    routes.set(url, route);
  });
  app.setNotFoundHandler((request, reply) => {
    const [path = ''] = request.url.split('?', 1);
    const matching = [...routes.values()].filter(({ matches }) => matches.test(path));
    // A name that stands in a path is not meant as somebody's id.
    const fewest = Math.min(...matching.map(({ parameters }) => parameters));
    const allowed = new Set(matching.filter(({ parameters }) => parameters === fewest).flatMap(({ methods }) => [...methods]));
    if (allowed.size === 0) return sendProblem(notFound('page'), request, reply);
    const allow = [...allowed].toSorted().join(', ');
    // The list of codes is closed and none of them stands for this status.
    const refusal = new SafelightError('invalid_request', `${request.method} is not possible here. Possible are: ${allow}.`, { headers: { allow } });
    return sendProblem(refusal, request, reply, 405);
  });
}

/** A parameter is one segment, as the router has it. */
function patternOf(url: string): Omit<Route, 'methods'> {
  const literal = url.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return { matches: new RegExp(`^${literal.replaceAll(/:\w+/g, '[^/]+')}$`), parameters: url.split(':').length - 1 };
}
