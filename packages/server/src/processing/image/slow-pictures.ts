/** A picture that takes longer is slow: four times the time of a 12-megapixel photo. */
export const slowSeconds = 3;

/** Thrown for a slow picture when the caller prefers to process it later; the file is not at fault. */
export class SlowPicture extends Error {
  override readonly name = 'SlowPicture';
}

export type Places = {
  /** Returns the function that releases the place; null when none is free. */
  tryTake(): (() => void) | null;
  /** Waits for a place, first come, first served. */
  take(signal: AbortSignal): Promise<() => void>;
};

/** A fixed number of places. */
export function createPlaces(count: number): Places {
  let free = count;
  const waiting: (() => void)[] = [];
  const leave = (): (() => void) => {
    let hasLeft = false;
    return () => {
      if (hasLeft) return;
      hasLeft = true;
      const next = waiting.shift();
      if (next === undefined) free++;
      else next();
    };
  };
  const tryTake = (): (() => void) | null => {
    if (free === 0) return null;
    free--;
    return leave();
  };
  return {
    tryTake,
    async take(signal) {
      signal.throwIfAborted();
      const place = tryTake();
      if (place !== null) return place;
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const giveUp = (): void => {
        const at = waiting.indexOf(resolve);
        if (at >= 0) waiting.splice(at, 1);
        reject(signal.reason);
      };
      waiting.push(resolve);
      signal.addEventListener('abort', giveUp, { once: true });
      await promise.finally(() => signal.removeEventListener('abort', giveUp));
      return leave();
    },
  };
}
