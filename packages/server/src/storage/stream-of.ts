import { Readable } from 'node:stream';
import { owned } from '../lib/owned.ts';

/** A stream over bytes in memory. `Readable.from` uses an async iterator, which costs several times as much. */
export function streamOf(bytes: Buffer, signal?: AbortSignal): Readable {
  return owned(
    new Readable({
      ...(signal && { signal }),
      read() {
        if (bytes.length > 0) this.push(bytes);
        this.push(null);
      },
    }),
  );
}
