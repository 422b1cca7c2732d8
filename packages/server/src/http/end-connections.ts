import type { FastifyInstance } from 'fastify';

/** How long the answer to an aborted request may take to be sent. */
const lastWordsMs = 1_000;

/**
 * Ends all connections when the server gives up its remaining work, whatever their clients hold open: half a request head, a form that is silent or
 * drips, a stream that nobody reads. Otherwise closing would wait for all of them.
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
