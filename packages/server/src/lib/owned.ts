import type { EventEmitter } from 'node:events';

/**
 * Takes a stream, child process or socket into possession in the expression that makes it: from then on no error of its can be one that
 * nobody hears, which would end the process. Code that reads, writes or waits for it still gets the error; and the owner closes it on
 * every path. `test/ownership.test.ts` finds what was made without.
 */
export function owned<Emitter extends EventEmitter>(emitter: Emitter): Emitter {
  return emitter.on('error', ignored);
}

const ignored = (): void => undefined;
