import type { ServerResponse } from 'node:http';

import type { FastifyInstance } from 'fastify';

/** How long a reader may take none of the bytes that wait for it. */
const longestStallMs = 60_000;
const looks = 6;

/**
 * Cuts off a client that requests something and then stops reading: it would hold a connection, and often a file, for as long as it likes. A slow
 * reader is not cut off, nor is one that waits for us.
 */
export function cutStalledReaders(app: FastifyInstance, stallMs = longestStallMs): void {
  app.addHook('onRequest', (request, reply, done) => {
    const onCut = (): void => request.log.info(`a reader that read nothing for ${stallMs / 1000} seconds was cut off`);
    watch(reply.raw, stallMs / looks, onCut);
    done();
  });
}

/** The socket's timeout reports each interval without any traffic in either direction, also during a single large write. */
function watch(answer: ServerResponse, everyMs: number, onCut: () => void): void {
  let stalled = 0;
  let toldAt = 0;
  const look = (): void => {
    const now = performance.now();
    // A longer gap since the last report means that bytes have moved in between.
    const moved = now - toldAt > everyMs * 1.1;
    toldAt = now;
    stalled = answer.writableLength === 0 ? 0 : moved ? 1 : stalled + 1;
    // A timeout fires once and has to be set again.
    if (stalled < looks) return void answer.socket?.setTimeout(everyMs);
    onCut();
    answer.destroy();
  };
  answer.setTimeout(everyMs, look);
}
