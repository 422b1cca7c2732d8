import { setTimeout as delay } from 'node:timers/promises';

/** Lets so many bytes pass in a second, of all who ask together; what was not used while nobody asked is not saved up. */
export function openPace(bytesPerSecond: number, signal: AbortSignal, now: () => number = () => performance.now()): (bytes: number) => Promise<void> {
  let freeAt = 0;
  return async (bytes) => {
    const at = Math.max(now(), freeAt);
    freeAt = at + (bytes / bytesPerSecond) * 1000;
    const wait = at - now();
    if (wait > 0) await delay(wait, undefined, { signal });
  };
}
