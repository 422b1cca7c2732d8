import type { Media } from '@safelight/contract/media';
import { useCallback, useState, useSyncExternalStore } from 'react';

import type { UploadItem } from './upload-queue.ts';

const recordOf = (item: UploadItem | undefined): Media | null => item?.task?.getSnapshot().media ?? null;

/** The upload whose record is looked at: the one that was selected, or else the newest that has one. */
export function useShownUpload(items: readonly UploadItem[]): { shown: { key: number; media: Media } | null; select: (key: number) => void } {
  const [selected, select] = useState<number | null>(null);
  const subscribe = useCallback(
    (listener: () => void) => {
      const stops = items.map(({ task }) => task?.subscribe(listener));
      return () => stops.forEach((stop) => stop?.());
    },
    [items],
  );
  const find = (): UploadItem | undefined => {
    const known = items.filter((item) => recordOf(item) !== null);
    return known.find(({ key }) => key === selected) ?? known.at(-1);
  };
  // The id, not the record: that one is another object with every step, and the detail keeps itself up to date.
  useSyncExternalStore(subscribe, () => recordOf(find())?.id ?? null);
  const item = find();
  const media = recordOf(item);
  return { shown: item && media ? { key: item.key, media } : null, select };
}
