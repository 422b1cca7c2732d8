import type { QueuedMedia } from '@safelight/contract/reviews';
import { turnOf } from '@safelight/react/review';
import { useEffect, useState } from 'react';

export type Shown = {
  item: QueuedMedia | undefined;
  /** From 0; -1 while nothing is shown. */
  at: number;
  selected: readonly QueuedMedia[];
  isSelected: (id: string) => boolean;
  select: (id: string, on: boolean) => void;
  clear: () => void;
  show: (id: string | null) => void;
  showAt: (index: number) => void;
};

/** The one that is looked at, and those that are ticked. Begins with the first that nobody else has. */
export function useShown(items: readonly QueuedMedia[], me: string | null, [shownId, show]: [string | null, (id: string | null) => void]): Shown {
  const [selectedIds, setSelectedIds] = useState<ReadonlySet<string>>(new Set());
  const first = items.find((item) => turnOf(item, me) !== 'others') ?? items[0];
  // One that somebody else has just decided on is not followed by another in its place: the next key would be meant for the first.
  const item = shownId === null ? first : items.find(({ id }) => id === shownId);
  const firstId = first?.id;
  useEffect(() => {
    if (shownId === null && firstId !== undefined) show(firstId);
  }, [shownId, firstId, show]);
  return {
    item,
    at: item === undefined ? -1 : items.indexOf(item),
    selected: items.filter(({ id }) => selectedIds.has(id)),
    isSelected: (id) => selectedIds.has(id),
    select: (id, on) => setSelectedIds((before) => new Set(on ? [...before, id] : [...before].filter((one) => one !== id))),
    clear: () => setSelectedIds(new Set()),
    show,
    showAt: (index) => {
      const next = items[index];
      if (next) show(next.id);
    },
  };
}
