import { setImmediate as endOfTurn } from 'node:timers/promises';

import { activeSpan } from './in-span.ts';

/** Reads one; undefined when there is none. */
export type ReadOne<Key, Found> = (key: Key) => Promise<Found | undefined>;

/**
 * Turns a read of many into a read of one: those that requests ask for in the same turn of the event loop become one read, which begins after the
 * last of them has asked. Under load a statement then serves several requests; a request that is alone waits for nothing. Traced requests read by
 * themselves, so that each has its own span.
 */
export function gatherReads<Key, Found>(readMany: (keys: readonly Key[]) => Promise<ReadonlyMap<Key, Found>>, mostAtOnce: number): ReadOne<Key, Found> {
  let gathered: { keys: Set<Key>; found: Promise<ReadonlyMap<Key, Found>> } | null = null;
  const begin = (): NonNullable<typeof gathered> => {
    const keys = new Set<Key>();
    const read = async (): Promise<ReadonlyMap<Key, Found>> => {
      await endOfTurn();
      if (gathered?.keys === keys) gathered = null;
      return await readMany([...keys]);
    };
    return { keys, found: read() };
  };
  return async (key) => {
    if (activeSpan() !== undefined) return (await readMany([key])).get(key);
    if (gathered === null || gathered.keys.size === mostAtOnce) gathered = begin();
    const { keys, found } = gathered;
    keys.add(key);
    return (await found).get(key);
  };
}
