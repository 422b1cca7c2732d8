import type { EventEmitter } from 'node:events';

/**
 * Takes ownership of a stream, child process or socket in the expression that creates it: from then on every error event has a listener, and none can
 * end the process. Code that reads, writes or waits for it still gets the error, and the owner closes it on every path. `test/ownership.test.ts`
 * finds those created without it.
 */
export function owned<Emitter extends EventEmitter>(emitter: Emitter): Emitter {
  return emitter.on('error', ignored);
}

const ignored = (): void => undefined;
