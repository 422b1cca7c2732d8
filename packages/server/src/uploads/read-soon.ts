import type { Readable } from 'node:stream';

/** Longer than the bytes of a small body are on their way once its head is here, and shorter than anybody waits for an upload that is held. */
const patienceMs = 100;

/**
 * What comes of a body until it ends, is cut, has more than so many bytes, or a moment has passed; the rest, if there is more, waits on the stream.
 * Whether it is all is for the caller to see.
 */
export async function readSoon(body: Readable, mostBytes = Infinity): Promise<Buffer[]> {
  const chunks: Buffer[] = [];
  if (body.readableEnded || body.destroyed) return chunks;
  const { promise: settled, resolve } = Promise.withResolvers<void>();
  let length = 0;
  const onData = (chunk: Buffer): void => {
    chunks.push(chunk);
    length += chunk.length;
    if (length <= mostBytes) return;
    body.pause();
    resolve();
  };
  const timer = setTimeout(resolve, patienceMs);
  body.on('end', resolve).on('error', resolve).on('close', resolve).on('data', onData);
  await settled;
  clearTimeout(timer);
  body.off('end', resolve).off('error', resolve).off('close', resolve).off('data', onData);
  if (!body.readableEnded) body.pause();
  return chunks;
}
