/** A changing value, as `useSyncExternalStore` takes it. */
export type Store<Value> = {
  subscribe: (listener: () => void) => () => void;
  /** Returns the same object until something has changed. */
  getSnapshot: () => Value;
};

/** `begin` is called when the first listener subscribes; its signal is aborted when the last one unsubscribes. */
export function createStore<Value extends object>(
  initial: Value,
  begin?: (signal: AbortSignal) => void,
): Store<Value> & { change: (part: Partial<Value>) => void } {
  const listeners = new Set<() => void>();
  let value = initial;
  let own: AbortController | undefined;
  return {
    subscribe(listener) {
      listeners.add(listener);
      if (!own) {
        own = new AbortController();
        begin?.(own.signal);
      }
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        own?.abort();
        own = undefined;
      };
    },
    getSnapshot: () => value,
    change(part) {
      value = { ...value, ...part };
      for (const listener of listeners) listener();
    },
  };
}
