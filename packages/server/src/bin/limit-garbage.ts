import { getHeapStatistics, setFlagsFromString } from 'node:v8';

/** A heap of this size holds what a service needs, without any streams. */
const small = 48 * 2 ** 20;
/** How much garbage a larger heap may hold. */
const mostGarbage = 24 * 2 ** 20;
const [usual, least] = [200, 20];
const everyMs = 1_000;
const looks = 15;

/**
 * Sets how far the heap may grow before a full garbage collection. A small heap may double: the bytes of uploads and outputs are outside the heap but
 * count as well, and V8's own rule led to a collection at every third photo and took a third of the process's time, although each young collection
 * frees such bytes anyway. The more of a heap is in use, the less it may grow: with thousands of open event streams, each would otherwise take three
 * times its size.
 */
export function limitGarbage(): void {
  const seen: number[] = [];
  const look = (): void => {
    seen.push(getHeapStatistics().used_heap_size);
    if (seen.length > looks) seen.shift();
    setFlagsFromString(`--heap-growing-percent=${growthOf(Math.min(...seen))}`);
  };
  look();
  setInterval(look, everyMs).unref();
}

/** The growth in percent for this many used bytes: the recent minimum, which is the value right after a collection. */
export const growthOf = (used: number): number => (used <= small ? usual : Math.max(least, Math.round((100 * mostGarbage) / used)));
