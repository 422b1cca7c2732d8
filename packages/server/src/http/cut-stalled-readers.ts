import type { ServerResponse } from 'node:http';

import type { FastifyInstance } from 'fastify';

/** How long a reader may take nothing of what waits for it. */
const longestStallMs = 60_000;
const looks = 6;

/**
 * Cuts off a client that asks for something and then takes no byte of it: such a reader holds a connection, and often a file, for as long as it
 * likes. A slow one is no such reader, and neither is one that waits for us.
 */
export function cutStalledReaders(app: FastifyInstance, stallMs = longestStallMs): void {
  app.addHook('onRequest', (request, reply, done) => {
    const onCut = (): void => request.log.info(`a reader that took nothing for ${stallMs / 1000} seconds was cut off`);
    watch(reply.raw, stallMs / looks, onCut);
    done();
  });
}

/** The socket itself tells of every while in which it moved nothing, neither in nor out, also of a single large write. */
function watch(answer: ServerResponse, everyMs: number, onCut: () => void): void {
  let stalled = 0;
  let toldAt = 0;
  const look = (): void => {
    const now = performance.now();
    // Told later than a while after the last time, it has moved something in between.
    const moved = now - toldAt > everyMs * 1.1;
    toldAt = now;
    stalled = answer.writableLength === 0 ? 0 : moved ? 1 : stalled + 1;
    // It tells once for each time that it is asked to.
    if (stalled < looks) return void answer.socket?.setTimeout(everyMs);
    onCut();
    answer.destroy();
  };
  answer.setTimeout(everyMs, look);
}
