import { setTimeout as delay } from 'node:timers/promises';

/** Lets so many units (bytes, photos) pass in a second, of all who ask together; what was not used while nobody asked is not saved up. */
export function createPace(perSecond: number, signal: AbortSignal, now: () => number = () => performance.now()): (units: number) => Promise<void> {
  let freeAt = 0;
  return async (units) => {
    const at = Math.max(now(), freeAt);
    freeAt = at + (units / perSecond) * 1000;
    const wait = at - now();
    if (wait > 0) await delay(wait, undefined, { signal });
  };
}
