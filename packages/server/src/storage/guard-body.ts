import { Readable } from 'node:stream';
import { owned } from '../lib/owned.ts';

export type BodyGuard = {
  signal?: AbortSignal | undefined;
  /** How long the source may be silent while its reader waits. Time that the reader takes does not count. */
  idleMs: number;
  /** The error for the reader when the source fails, is silent too long, or ends before `bytes`. */
  refusal(cause: unknown): unknown;
  /** The expected number of bytes. */
  bytes: number;
};

/**
 * A provider's body with the guarantees of the store port: it ends when aborted, never hangs, never ends short without an error, and its errors are
 * translated.
 */
export function guardBody(source: Readable, { signal, idleMs, refusal, bytes }: BodyGuard): Readable {
  let timer: NodeJS.Timeout | undefined;
  let received = 0;
  const rest = (): void => {
    clearTimeout(timer);
    timer = undefined;
  };
  const watch = (): void => {
    // There are many chunks, and restarting a timer costs less than creating one.
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
