import { SafelightError } from '../lib/errors.ts';
import { inChildSpan } from '../lib/in-span.ts';
import { storeName } from './locator.ts';
import type { Append, Appender, Multipart, Store, Unnamed } from './store.ts';
import type { Stores } from './stores.ts';

/** A finished call of a store. `code` says how it failed, `bytes` how many it has written. */
export type StoreCall = { store: string; operation: string; seconds: number; code: string | null; bytes: number };
export type ObserveStore = (call: StoreCall) => void;

/** The same stores, reporting each call when it ends. A call that its caller aborted does not count as a failure. */
export function meterStores(stores: Stores, observe: ObserveStore): Stores {
  const metered = new Map(stores.all().map((store) => [store, meterStore(store, observe)]));
  const of = (store: Store): Store => metered.get(store) ?? store;
  return { of: (id) => of(stores.of(id)), active: (role) => of(stores.active(role)), all: () => stores.all().map(of), close: () => stores.close() };
}

function meterStore(store: Store, observe: ObserveStore): Store {
  const timed = timer(storeName(store), observe);
  const written = ({ bytes }: { bytes: number }): number => bytes;
  const meterParts = (parts: Multipart): Multipart => ({
    ...parts,
    create: timed('multipart_create', parts.create),
    putPart: timed('put_part', parts.putPart, written),
    complete: timed('multipart_complete', parts.complete),
    listParts: timed('list_parts', parts.listParts),
  });
  const meterAppend = (append: Append): Append => ({
    ...append,
    async open(...given) {
      const appender = await timed('append_open', append.open)(...given);
      let bytes = 0;
      const write: Appender['write'] = async (chunk) => {
        bytes += chunk.length;
        await appender.write(chunk);
      };
      // Writes are buffered; the time that a disk takes shows in `sync`.
      return {
        ...appender,
        write,
        sync: timed(
          'append_sync',
          () => appender.sync(),
          () => {
            const synced = bytes;
            bytes = 0;
            return synced;
          },
        ),
      };
    },
    finish: timed('append_finish', append.finish),
  });
  const meterUnnamed = (unnamed: Unnamed): Unnamed => ({
    ...unnamed,
    put: timed('put', unnamed.put, (stored) => stored?.bytes ?? 0),
    publish: timed('publish', unnamed.publish),
    discard: timed('delete', unnamed.discard),
  });
  return {
    ...store,
    put: timed('put', store.put, written),
    get: timed('get', store.get),
    head: timed('head', store.head),
    delete: timed('delete', store.delete),
    list: timed('list', store.list),
    copy: timed('copy', store.copy),
    ...(store.multipart && { multipart: meterParts(store.multipart) }),
    ...(store.append && { append: meterAppend(store.append) }),
    ...(store.unnamed && { unnamed: meterUnnamed(store.unnamed) }),
  };
}

/** Wraps calls so that each is reported when it ends. */
function timer(name: string, observe: ObserveStore) {
  return <Given extends unknown[], Result>(operation: string, call: (...given: Given) => Promise<Result>, bytesOf: (result: Result) => number = () => 0) =>
    async (...given: Given): Promise<Result> => {
      const began = performance.now();
      const tell = (code: string | null, bytes: number): void => observe({ store: name, operation, seconds: (performance.now() - began) / 1000, code, bytes });
      try {
        const attributes = { 'safelight.store': name, 'safelight.store.operation': operation };
        const result = await inChildSpan({ name: `storage ${operation}`, kind: 'client', attributes }, async () => await call(...given), codeOf);
        tell(null, bytesOf(result));
        return result;
      } catch (error) {
        if (!isAborted(error)) tell(codeOf(error), 0);
        throw error;
      }
    };
}

const isAborted = (error: unknown): boolean => error instanceof Error && error.name === 'AbortError';

const codeOf = (error: unknown): string => (error instanceof SafelightError ? error.code : 'internal');
