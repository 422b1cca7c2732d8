import type { FastifyInstance } from 'fastify';

/** What an answer to a request that was just given up may take to leave. */
const lastWordsMs = 1_000;

/**
 * When the server gives up what it still does, its connections end with it, whatever their clients hold open: half the head of a request, a
 * form that is silent or drips, a stream that nobody reads. Otherwise closing waits for all of them.
 */
export function endConnections(app: FastifyInstance, closing: AbortSignal): void {
  let late: NodeJS.Timeout | undefined;
  const endAll = (): void => {
    late = setTimeout(() => app.server.closeAllConnections(), lastWordsMs);
  };
  closing.addEventListener('abort', endAll, { once: true });
  app.addHook('onClose', async () => {
    closing.removeEventListener('abort', endAll);
    clearTimeout(late);
  });
}
