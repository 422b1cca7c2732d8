import type { Readable } from 'node:stream';

import type { FastifyRequest } from 'fastify';

const mostPassedOver = 64 * 2 ** 20;
const longestPassingOverMs = 30_000;

/**
 * Discards the unread rest of a file, because the parser waits for it. Returns false when the rest is so long, or comes so slowly, that the answer
 * should not wait; then the rest of the form is ignored.
 */
export async function passOver(body: Readable, request: FastifyRequest): Promise<boolean> {
  if (body.readableEnded) return true;
  const { promise, resolve } = Promise.withResolvers<boolean>();
  let rest = mostPassedOver;
  // A reader that stopped early may have left the stream paused.
  body.removeAllListeners('readable');
  body.on('data', (chunk: Buffer) => {
    rest -= chunk.length;
    if (rest < 0) resolve(false);
  });
  body.once('end', () => resolve(true)).once('close', () => resolve(body.readableEnded));
  const gone = (): void => resolve(false);
  request.raw.once('close', gone);
  const timer = setTimeout(gone, longestPassingOverMs);
  if (body.destroyed) gone();
  body.resume();
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    request.raw.removeListener('close', gone);
  }
}
