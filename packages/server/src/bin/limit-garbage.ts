import { getHeapStatistics, setFlagsFromString } from 'node:v8';

/** A heap of this size holds what a service needs, and nobody's streams. */
const small = 48 * 2 ** 20;
/** What may lie about in a larger one. */
const mostGarbage = 24 * 2 ** 20;
const [usual, least] = [200, 20];
const everyMs = 1_000;
const looks = 15;

/**
 * Says how far the heap may grow until all of it is marked. Twice over while it is small: the bytes of uploads and outputs lie beside it and count
 * as well, and by V8's own rule that was every third photo, for a third of this process's time, though each young collection frees such bytes
 * anyway. By less the more of it is in use, as with thousands of open streams of events, each of which would otherwise take three times its size.
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

/** In percent, for a heap in which so many bytes are in use: the least that was there lately, which is right after it was marked. */
export const growthOf = (used: number): number => (used <= small ? usual : Math.max(least, Math.round((100 * mostGarbage) / used)));
