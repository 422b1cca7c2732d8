import { SafelightError } from '../../lib/errors.ts';

export type MemoryBudget = {
  /** Waits in line until `bytes` fit in the budget; returns the function that releases them. Throws `resource_limit` when they can never fit. */
  reserve(bytes: number, signal: AbortSignal): Promise<() => void>;
  reservedBytes(): number;
};

/** Grants memory first come, first served: small pictures cannot overtake a large one for ever. */
export function createMemoryBudget(totalBytes: number): MemoryBudget {
  let reserved = 0;
  const waiting: { bytes: number; grant: () => void }[] = [];

  const grantNext = (): void => {
    for (let next = waiting[0]; next !== undefined && reserved + next.bytes <= totalBytes; next = waiting[0]) {
      waiting.shift();
      reserved += next.bytes;
      next.grant();
    }
  };

  return {
    reservedBytes: () => reserved,
    async reserve(bytes, signal) {
      if (bytes > totalBytes) {
        const [needed, allowed] = [bytes, totalBytes].map((n) => `${Math.ceil(n / 1e6)} MB`);
        throw new SafelightError(
          'resource_limit',
          `Decoding this picture would need about ${needed} of memory; ${allowed} are allowed. Send it at a smaller size or as JPEG.`,
        );
      }
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
      let isGivenBack = false;
      return () => {
        if (isGivenBack) return;
        isGivenBack = true;
        reserved -= bytes;
        grantNext();
      };
    },
  };
}
