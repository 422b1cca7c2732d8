import type { Media } from '@safelight/contract/media';
import { useLayoutEffect, useRef, type CSSProperties } from 'react';

import { MediaTile } from './media-tile.tsx';
import type { Library } from './use-library.ts';
import type { LibraryView } from './use-library-view.ts';
import type { Selection } from './use-selection.ts';
import { useWayBack } from './use-way-back.ts';
import { useWindow, type RowShape } from './use-window.ts';

type MediaGridProps = {
  items: readonly Media[];
  loading: Library['loading'];
  query: URLSearchParams;
  view: LibraryView;
  selection: Selection;
  /** The record that is looked at in place of the list. */
  openedId: string | null;
};

const rem = (): number => parseFloat(getComputedStyle(document.documentElement).fontSize);
/** As the style sheet has them: rows of one height are what makes a library of a hundred thousand scroll. */
const shapeOf = (view: LibraryView): RowShape => {
  const unit = rem();
  const isNarrow = innerWidth < 34 * unit;
  if (view === 'list') return { height: (isNarrow ? 5 : 4) * unit, gap: 0, least: null };
  return isNarrow ? { height: 15.5 * unit, gap: 0.625 * unit, least: 9 * unit } : { height: 16.25 * unit, gap: unit, least: 12.5 * unit };
};

export function MediaGrid({ items, loading, query, view, selection, openedId }: MediaGridProps) {
  const list = useRef<HTMLUListElement>(null);
  const deleting = useRef<{ id: string; index: number } | null>(null);
  const shape = shapeOf(view);
  const focusRef = useWayBack(openedId);
  const { columns, first, last } = useWindow(list, items.length, shape);
  useLayoutEffect(() => {
    // Others may come and go before it does.
    if (deleting.current === null || items.some(({ id }) => id === deleting.current?.id)) return;
    const { index } = deleting.current;
    deleting.current = null;
    // Somebody who works with the keyboard goes on with the neighbour of what was deleted, not from the top of the page; or is elsewhere by now.
    if (document.activeElement !== document.body) return;
    list.current?.querySelector<HTMLAnchorElement>(`[data-index="${Math.min(index, items.length - 1)}"] a.tile-link`)?.focus();
  }, [items]);
  useLayoutEffect(() => {
    if (openedId !== null || focusRef.current === null) return;
    const found = list.current?.querySelector<HTMLElement>(`[data-media="${CSS.escape(focusRef.current)}"]`);
    if (!found) return;
    // Somebody who has gone on to another field meanwhile stays there.
    if (document.activeElement === document.body) found.focus({ preventScroll: true });
    focusRef.current = null;
  });

  if (items.length === 0 && loading === 'first') {
    return (
      <ul className="grid" aria-label="Loading the library" role="status" data-view={view}>
        {Array.from({ length: 12 }, (_, index) => (
          <li key={index} className="skeleton tile-skeleton" />
        ))}
      </ul>
    );
  }
  const step = shape.height + shape.gap;
  const rows = Math.ceil(items.length / columns);
  const style: CSSProperties & Record<'--columns', number> = {
    '--columns': columns,
    paddingBlock: `${first * step}px ${Math.max(0, rows - last) * step}px`,
  };
  return (
    <ul className="grid" ref={list} aria-label="Media" aria-busy={loading !== null} data-view={view} style={style}>
      {items.slice(first * columns, last * columns).map((media, at) => (
        <MediaTile
          key={media.id}
          media={media}
          index={first * columns + at}
          count={items.length}
          query={query}
          selection={selection}
          view={view}
          onDelete={() => {
            deleting.current = { id: media.id, index: first * columns + at };
          }}
        />
      ))}
    </ul>
  );
}
