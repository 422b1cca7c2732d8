import type { Readable } from 'node:stream';

import { SafelightError } from '../lib/errors.ts';

/** A client that sends no byte for this long counts as gone; what has arrived is kept. */
export const silenceMs = 30_000;

type Watch = {
  /** Ends the reading between two chunks, even while none comes. */
  signal: AbortSignal;
  /** Chunks that were read before; they come first. */
  begun?: readonly Buffer[];
  /** Called when the next chunk is waited for. */
  onWaiting?: () => void;
  onChunk?: () => void;
};

/** How many received bytes may wait for the reader. More costs less per byte, but takes memory for each upload. */
const mostWaiting = 512 * 1024;

/**
 * The chunks of a body until it ends, is cut, its signal aborts, or nothing comes for {@link silenceMs}. Only waiting counts: the time that the
 * reader needs for a chunk does not. The body is not destroyed, so that an answer can still be sent.
 *
 * The body flows, and is paused when the reader falls behind: pulling one chunk at a time would stop and start the socket for each.
 */
export async function* chunksOf(body: Readable, { signal, begun = [], onWaiting, onChunk }: Watch): AsyncGenerator<Buffer> {
  const flow = openFlow(body, signal, begun);
  try {
    for (;;) {
      signal.throwIfAborted();
      if (!flow.has()) onWaiting?.();
      const chunk = await flow.next();
      if (chunk === undefined) return;
      onChunk?.();
      yield chunk;
    }
  } finally {
    flow.close();
  }
}

/** Checks at intervals whether the same wait still goes on: a timer for each chunk would cost more than reading it. */
function watchSilence(waitingNow: () => PromiseWithResolvers<void> | undefined): NodeJS.Timeout {
  const silence = setTimeout(() => {
    const waiting = waitingNow();
    if (waiting === undefined) silence.refresh();
    else waiting.reject(new SafelightError('upload_incomplete', `No byte came for ${silenceMs / 1000} seconds. Ask for the offset and go on from there.`));
  }, silenceMs);
  return silence;
}

type Flow = { has(): boolean; next(): Promise<Buffer | undefined>; close(): void };

function openFlow(body: Readable, signal: AbortSignal, begun: readonly Buffer[]): Flow {
  const queue: Buffer[] = [...begun];
  let queued = begun.reduce((sum, chunk) => sum + chunk.length, 0);
  let failure: Error | undefined;
  let isOver = body.readableEnded;
  let waiting: PromiseWithResolvers<void> | undefined;
  const wake = (): void => waiting?.resolve();
  const onData = (chunk: Buffer): void => {
    queue.push(chunk);
    queued += chunk.length;
    if (queued >= mostWaiting) body.pause();
    wake();
  };
  const onEnd = (): void => {
    isOver = true;
    wake();
  };
  const onError = (error: Error): void => {
    failure ??= error;
    wake();
  };
  const onClose = (): void => {
    if (!isOver) onError(new Error('The body was closed before its end.'));
  };
  const interrupt = (): void => waiting?.reject(signal.reason);
  const silence = watchSilence(() => waiting);
  signal.addEventListener('abort', interrupt);
  if (!isOver && body.destroyed) onError(body.errored ?? new Error('The body was closed before its end.'));
  body.on('end', onEnd).on('error', onError).on('close', onClose).on('data', onData);
  return {
    has: () => queue.length > 0,
    async next() {
      while (queue.length === 0) {
        if (failure !== undefined) throw failure;
        if (isOver) return undefined;
        if (body.isPaused()) body.resume();
        silence.refresh();
        waiting = Promise.withResolvers();
        try {
          await waiting.promise;
        } finally {
          waiting = undefined;
        }
        signal.throwIfAborted();
      }
      const chunk = queue.shift();
      queued -= chunk?.length ?? 0;
      if (queued < mostWaiting / 2 && body.isPaused()) body.resume();
      return chunk;
    },
    close() {
      clearTimeout(silence);
      signal.removeEventListener('abort', interrupt);
      body.off('data', onData).off('end', onEnd).off('error', onError).off('close', onClose);
      body.pause();
    },
  };
}
