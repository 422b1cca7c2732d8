import { createStore, type Store } from '@safelight/client';

/** Files that came and of which nobody has said yet where they go. */
export type Arrivals = Store<{ files: readonly File[]; dragging: boolean }> & {
  offer: (files: readonly File[]) => void;
  /** All of them; they are whoever's who takes them. */
  take: () => readonly File[];
  setDragging: (dragging: boolean) => void;
};

export function createArrivals(): Arrivals {
  const { change, subscribe, getSnapshot } = createStore<{ files: readonly File[]; dragging: boolean }>({ files: [], dragging: false });
  return {
    subscribe,
    getSnapshot,
    offer: (files) => change({ files: [...getSnapshot().files, ...files] }),
    take() {
      const { files } = getSnapshot();
      change({ files: [] });
      return files;
    },
    setDragging: (dragging) => dragging !== getSnapshot().dragging && change({ dragging }),
  };
}
