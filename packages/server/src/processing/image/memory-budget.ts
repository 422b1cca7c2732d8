import { SafelightError } from '../../lib/errors.ts';

export type MemoryBudget = {
  /** Waits in line until `bytes` fit in the budget; returns the function that releases them. Throws `resource_limit` when they can never fit. */
  reserve(bytes: number, signal: AbortSignal): Promise<() => void>;
  /**
   * Reserves `bytes` for something that could be done without; returns the function that releases them, or null when they do not fit. `takeBack` is
   * called as soon as somebody waits for memory.
   */
  keep(bytes: number, takeBack: () => void): (() => void) | null;
  /** What is reserved, without what is kept. */
  reservedBytes(): number;
  keptBytes(): number;
};

/** Grants memory first come, first served: small pictures cannot overtake a large one for ever. */
export function createMemoryBudget(totalBytes: number): MemoryBudget {
  let reserved = 0;
  let keptBytes = 0;
  const waiting: { bytes: number; grant: () => void }[] = [];
  const kept = new Set<() => void>();

  const grantNext = (): void => {
    for (let next = waiting[0]; next !== undefined && reserved + keptBytes + next.bytes <= totalBytes; next = waiting[0]) {
      waiting.shift();
      reserved += next.bytes;
      next.grant();
    }
    if (waiting.length === 0) return;
    for (const takeBack of kept) {
      kept.delete(takeBack);
      takeBack();
    }
  };

  return {
    reservedBytes: () => reserved,
    keptBytes: () => keptBytes,
    async reserve(bytes, signal) {
      if (bytes > totalBytes) throw neverFits(bytes, totalBytes);
      signal.throwIfAborted();
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const entry = { bytes, grant: resolve };
      const giveUp = (): void => {
        const place = waiting.indexOf(entry);
        if (place < 0) return;
        waiting.splice(place, 1);
        reject(signal.reason);
        grantNext();
      };
      waiting.push(entry);
      signal.addEventListener('abort', giveUp, { once: true });
      grantNext();
      await promise.finally(() => signal.removeEventListener('abort', giveUp));
      return onlyOnce(() => {
        reserved -= bytes;
        grantNext();
      });
    },
    keep(bytes, takeBack) {
      if (waiting.length > 0 || reserved + keptBytes + bytes > totalBytes) return null;
      keptBytes += bytes;
      kept.add(takeBack);
      return onlyOnce(() => {
        keptBytes -= bytes;
        kept.delete(takeBack);
        grantNext();
      });
    },
  };
}

function neverFits(bytes: number, totalBytes: number): SafelightError {
  const [needed, allowed] = [bytes, totalBytes].map((n) => `${Math.ceil(n / 1e6)} MB`);
  return new SafelightError(
    'resource_limit',
    `Decoding this picture would need about ${needed} of memory; ${allowed} are allowed. Send it at a smaller size or as JPEG.`,
  );
}

function onlyOnce(act: () => void): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    act();
  };
}
