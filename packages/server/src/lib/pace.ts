import { setTimeout as delay } from 'node:timers/promises';

/** Limits all callers together to this many units (bytes, photos) per second; unused capacity is not saved up. */
export function createPace(perSecond: number, signal: AbortSignal, now: () => number = () => performance.now()): (units: number) => Promise<void> {
  let freeAt = 0;
  return async (units) => {
    const at = Math.max(now(), freeAt);
    freeAt = at + (units / perSecond) * 1000;
    const wait = at - now();
    if (wait > 0) await delay(wait, undefined, { signal });
  };
}
