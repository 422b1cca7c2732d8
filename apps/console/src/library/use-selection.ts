import type { Media } from '@safelight/contract/media';
import { useCallback, useRef, useState } from 'react';

export type Selection = {
  ids: ReadonlySet<string>;
  /** With `through`, everything between the last one that was chosen and this one. */
  toggle: (id: string, on: boolean, through: boolean) => void;
  all: () => void;
  clear: () => void;
};

/** What is ticked in a list, by id; what has left the list is not selected any more. */
export function useSelection(items: readonly Media[]): Selection & { selected: readonly Media[] } {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const last = useRef<string | null>(null);
  const toggle = useCallback(
    (id: string, on: boolean, through: boolean) => {
      const [from, to] = [last.current, id].map((one) => items.findIndex((item) => item.id === one)).toSorted((a, b) => a - b);
      const between = through && from !== undefined && to !== undefined && from !== -1 ? items.slice(from, to + 1).map((item) => item.id) : [id];
      last.current = id;
      setChosen((before) => (on ? new Set([...before, ...between]) : new Set([...before].filter((one) => !between.includes(one)))));
    },
    [items],
  );
  const all = useCallback(() => setChosen(new Set(items.map(({ id }) => id))), [items]);
  const clear = useCallback(() => setChosen(new Set()), []);
  const selected = chosen.size === 0 ? [] : items.filter(({ id }) => chosen.has(id));
  return { ids: chosen, selected, toggle, all, clear };
}
