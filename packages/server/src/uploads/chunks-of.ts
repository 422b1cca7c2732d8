import type { Readable } from 'node:stream';

import { SafelightError } from '../lib/errors.ts';

/** Without a byte for this long a client is taken for gone; what came is kept. */
export const silenceMs = 30_000;

type Watch = {
  /** Ends the reading between two chunks, also while none comes. */
  signal: AbortSignal;
  /** The next chunk is waited for from now on. */
  onWaiting?: () => void;
  onChunk?: () => void;
};

/**
 * The chunks of a body until it ends, is cut, its signal aborts, or nothing comes for {@link silenceMs}. Only waiting counts: time that
 * the reader needs for a chunk is not the client's silence. The body is left as it is, so that an answer can still be sent.
 */
export async function* chunksOf(body: Readable, { signal, onWaiting, onChunk }: Watch): AsyncGenerator<Buffer> {
  const iterator: AsyncIterator<Buffer> = body.iterator({ destroyOnReturn: false });
  let giveUp: (reason: unknown) => void = () => undefined;
  const interrupt = (): void => giveUp(signal.reason);
  signal.addEventListener('abort', interrupt);
  let silence: NodeJS.Timeout | undefined;
  try {
    for (;;) {
      signal.throwIfAborted();
      onWaiting?.();
      silence = setTimeout(
        () => giveUp(new SafelightError('upload_incomplete', `No byte came for ${silenceMs / 1000} seconds. Ask for the offset and go on from there.`)),
        silenceMs,
      );
      // A promise for each chunk: one that lived as long as the upload, raced with every chunk, would keep them all in memory.
      const next = await new Promise<IteratorResult<Buffer>>((resolve, reject) => {
        giveUp = reject;
        iterator.next().then(resolve, reject);
      });
      clearTimeout(silence);
      if (next.done === true) return;
      onChunk?.();
      yield next.value;
    }
  } finally {
    clearTimeout(silence);
    signal.removeEventListener('abort', interrupt);
  }
}
