/** Above this a picture is slow: four times what a photo of 12 megapixels takes. */
export const slowSeconds = 3;

/** Thrown for a slow picture where the caller would rather do it another time; no file is at fault. */
export class SlowPicture extends Error {
  override readonly name = 'SlowPicture';
}

export type Places = {
  /** Gives the place back; null when none is free. */
  tryTake(): (() => void) | null;
  /** Waits for one, first come, first served. */
  take(signal: AbortSignal): Promise<() => void>;
};

/** So many at once and no more. */
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
