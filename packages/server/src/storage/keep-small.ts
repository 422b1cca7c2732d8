import { hash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';

import { storeName } from './locator.ts';
import type { Recalled, Store } from './store.ts';
import type { Stores } from './stores.ts';

/** What may be kept: objects up to `largest` bytes, `most` bytes together, none for longer than `forMs`. */
export type KeptLimits = { largest: number; most: number; forMs: number };

const usual: KeptLimits = { largest: 64 * 1024, most: 32 * 2 ** 20, forMs: 60_000 };
/** What an entry takes beside its bytes. It also bounds how many are remembered. */
const entryBytes = 512;

/**
 * The same stores, which keep small objects in memory once their bytes are known to have the expected digest. An object is kept from its second
 * read within a minute on: one read of everything, by a crawler or a backup, must not drive out what is in demand. Removing an object releases it at
 * once in this process; in others it is gone after a minute at the latest, and meanwhile no ledger row leads to it.
 */
export function keepSmall(stores: Stores, limits: Partial<KeptLimits> = {}): Stores {
  const kept = createKept({ ...usual, ...limits });
  const keeping = new Map(stores.all().map((store) => [store, keepOf(store, kept)]));
  const of = (store: Store): Store => keeping.get(store) ?? store;
  return {
    of: (id) => of(stores.of(id)),
    active: (role) => of(stores.active(role)),
    all: () => stores.all().map(of),
    async close() {
      kept.close();
      await stores.close();
    },
  };
}

function keepOf(store: Store, kept: Kept): Store {
  const idOf = (key: string): string => `${storeName(store)} ${key}`;
  return {
    ...store,
    async delete(keys, options) {
      try {
        return await store.delete(keys, options);
      } finally {
        for (const key of keys) kept.release(idOf(key));
      }
    },
    async recall(key, { bytes: size, sha256, signal }: Recalled) {
      if (size > kept.largest) return null;
      const entry = kept.find(idOf(key));
      if (entry === undefined) return null;
      if (entry.bytes !== null) return entry.sha256 === sha256 ? entry.bytes : null;
      const stored = await store.get(key, signal === undefined ? {} : { signal });
      if (stored === null) return null;
      if (stored.bytes !== size) {
        stored.body.destroy();
        return null;
      }
      const bytes = await buffer(stored.body);
      if (bytes.length !== size || hash('sha256', bytes) !== sha256) return null;
      kept.fill(entry, bytes, sha256);
      return bytes;
    },
  };
}

type Entry = { id: string; bytes: Buffer | null; sha256: string; since: number };
type Kept = {
  largest: number;
  /** The entry of an object that was asked for before; undefined, and remembered, when it is asked for the first time. */
  find(id: string): Entry | undefined;
  fill(entry: Entry, bytes: Buffer, sha256: string): void;
  release(id: string): void;
  close(): void;
};

/** Entries in the order of their last use: the least recently used go first. */
function createKept({ largest, most, forMs }: KeptLimits): Kept {
  const entries = new Map<string, Entry>();
  let held = 0;
  let timer: NodeJS.Timeout | undefined;
  const sizeOf = ({ bytes }: Entry): number => entryBytes + (bytes?.length ?? 0);
  const release = (id: string): void => {
    const entry = entries.get(id);
    if (entry === undefined) return;
    entries.delete(id);
    held -= sizeOf(entry);
  };
  const pruneOld = (): void => {
    const since = performance.now() - forMs;
    for (const entry of entries.values()) if (entry.since <= since) release(entry.id);
    timer = entries.size === 0 ? undefined : setTimeout(pruneOld, forMs / 10).unref();
  };
  const makeRoom = (): void => {
    for (const id of entries.keys()) {
      if (held <= most) return;
      release(id);
    }
  };
  return {
    largest,
    find(id) {
      const known = entries.get(id);
      const isFresh = known !== undefined && performance.now() - known.since < forMs;
      if (!isFresh) release(id);
      const entry = isFresh ? known : { id, bytes: null, sha256: '', since: performance.now() };
      entries.delete(id);
      entries.set(id, entry);
      if (isFresh) return known;
      held += entryBytes;
      makeRoom();
      timer ??= setTimeout(pruneOld, forMs / 10).unref();
      return undefined;
    },
    fill(entry, bytes, sha256) {
      // Removed, or filled by another reader, while it was read.
      if (entries.get(entry.id) !== entry || entry.bytes !== null) return;
      // A copy of its own: the buffer may be a part of a larger one.
      entry.bytes = Buffer.allocUnsafeSlow(bytes.length);
      bytes.copy(entry.bytes);
      entry.sha256 = sha256;
      held += bytes.length;
      makeRoom();
    },
    release,
    close() {
      clearTimeout(timer);
      entries.clear();
      held = 0;
    },
  };
}
