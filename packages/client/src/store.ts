/** A value that changes, in the shape that `useSyncExternalStore` and its like take. */
export type Store<Value> = {
  subscribe: (listener: () => void) => () => void;
  /** The same object until something changed. */
  getSnapshot: () => Value;
};

export function createStore<Value extends object>(initial: Value): Store<Value> & { change: (part: Partial<Value>) => void } {
  const listeners = new Set<() => void>();
  let value = initial;
  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    getSnapshot: () => value,
    change(part) {
      value = { ...value, ...part };
      for (const listener of listeners) listener();
    },
  };
}
