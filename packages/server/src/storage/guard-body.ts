import { Readable } from 'node:stream';
import { owned } from '../lib/owned.ts';

export type BodyGuard = {
  signal?: AbortSignal | undefined;
  /** How long the source may be silent while its reader waits. A reader that takes its time is not counted. */
  idleMs: number;
  /** What the reader sees when the source fails, is silent too long, or ends before `bytes`. */
  refusal(cause: unknown): unknown;
  /** How many bytes are to come. */
  bytes: number;
};

/** A provider's body as the store port promises it: ends when aborted, never hangs, never ends short without an error, and fails in our words. */
export function guardBody(source: Readable, { signal, idleMs, refusal, bytes }: BodyGuard): Readable {
  let timer: NodeJS.Timeout | undefined;
  let received = 0;
  const rest = (): void => {
    clearTimeout(timer);
    timer = undefined;
  };
  const watch = (): void => {
    // Chunks are many, and winding a timer up again costs less than a new one.
    if (timer === undefined) timer = setTimeout(() => fail(new Error(`No byte came for ${idleMs} ms.`)), idleMs);
    else timer.refresh();
  };
  const body = owned(
    new Readable({
      ...(signal && { signal }),
      read() {
        if (received < bytes) watch();
        source.resume();
      },
      destroy(error, callback) {
        rest();
        source.destroy();
        callback(error);
      },
    }),
  );
  const fail = (cause: unknown): void => {
    if (body.destroyed) return;
    const error = refusal(cause);
    body.destroy(error instanceof Error ? error : new Error(String(error)));
  };
  source.on('data', (chunk: Buffer) => {
    received += chunk.length;
    if (body.push(chunk)) watch();
    else {
      rest();
      source.pause();
    }
  });
  source.on('end', () => {
    rest();
    if (received === bytes) body.push(null);
    else fail(new Error(`The body ended after ${received} of ${bytes} bytes.`));
  });
  source.on('error', fail);
  source.on('close', () => {
    if (!source.readableEnded) fail(new Error('The connection closed.'));
  });
  source.pause();
  return body;
}
