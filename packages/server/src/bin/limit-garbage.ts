import { constants, PerformanceObserver, type PerformanceEntry } from 'node:perf_hooks';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** A heap of this size holds what a service needs, without any streams. */
const small = 48 * 2 ** 20;
/** How much garbage a larger heap may hold. */
const mostGarbage = 24 * 2 ** 20;
const [usual, least] = [200, 20];

/**
 * Sets how far the heap may grow before a full garbage collection. A small heap may double: the bytes of uploads and outputs are outside the heap but
 * count as well, and V8's own rule led to a collection at every third photo and took a third of the process's time, although each young collection
 * frees such bytes anyway. The more of a heap is in use, the less it may grow: with thousands of open event streams, each would otherwise take three
 * times its size.
 */
export function limitGarbage(): void {
  beginYoung();
  let growth = usual;
  setGrowth(growth);
  const collected = new PerformanceObserver((list) => {
    if (!list.getEntries().some(isFull)) return;
    const before = growth;
    growth = growthOf(getHeapStatistics().used_heap_size);
    setGrowth(growth);
    // The growth of before has already set the next collection: too late for a heap that thousands of streams have just enlarged.
    if (growth < before / 2) collect();
  });
  collected.observe({ entryTypes: ['gc'] });
}

/**
 * Every object begins its life where collections are cheap. V8 notes where objects are made that live on, and then makes all that come from there among the
 * old ones: once this had happened to the rows that pg reads, after some thousand lists, each stayed until the whole heap was marked, and young
 * collections, which then have to find what the old ones hold, stopped requests for three times as long.
 */
const beginYoung = (): void => setFlagsFromString('--no-allocation-site-pretenuring');

/** The growth in percent for this many bytes, in use right after a collection. */
export const growthOf = (used: number): number => (used <= small ? usual : Math.max(least, Math.round((100 * mostGarbage) / used)));

const setGrowth = (percent: number): void => setFlagsFromString(`--heap-growing-percent=${percent}`);

function isFull(entry: PerformanceEntry): boolean {
  const detail = 'detail' in entry ? entry.detail : null;
  return typeof detail === 'object' && detail !== null && 'kind' in detail && detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR;
}

/** Node shows V8's collector only where a flag asks for it, and only to contexts that are made afterwards. */
function collect(): void {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc()');
}
