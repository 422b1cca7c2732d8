import { useCallback, useSyncExternalStore } from 'react';

import { isRefused, type UploadItem } from './upload-queue.ts';

/** How many of them do not arrive. */
export function useRefused(items: readonly UploadItem[]): number {
  const subscribe = useCallback(
    (listener: () => void) => {
      const stops = items.map(({ task }) => task?.subscribe(listener));
      return () => stops.forEach((stop) => stop?.());
    },
    [items],
  );
  return useSyncExternalStore(subscribe, () => items.filter(isRefused).length);
}
