import type { Media } from '@safelight/contract/media';
import { useEffect, useRef } from 'react';

import type { LibraryState } from './library-state.ts';
import { MediaTile } from './media-tile.tsx';

type MediaGridProps = { items: readonly Media[]; loading: LibraryState['loading']; query: URLSearchParams };

export function MediaGrid({ items, loading, query }: MediaGridProps) {
  const list = useRef<HTMLUListElement>(null);
  const focusAfterDelete = useRef<number | null>(null);
  useEffect(() => {
    const index = focusAfterDelete.current;
    focusAfterDelete.current = null;
    if (index === null) return;
    // Who works with the keyboard goes on with the neighbour of what was deleted, not from the top of the page.
    const tiles = list.current?.querySelectorAll<HTMLAnchorElement>('a.tile-link') ?? [];
    tiles[Math.min(index, tiles.length - 1)]?.focus();
  }, [items]);

  if (items.length === 0 && loading === 'first') {
    return (
      <ul className="grid" aria-label="Loading the library" role="status">
        {Array.from({ length: 12 }, (_, index) => (
          <li key={index} className="skeleton tile-skeleton" />
        ))}
      </ul>
    );
  }
  return (
    <ul className="grid" ref={list} aria-label="Media" aria-busy={loading !== null}>
      {items.map((media, index) => (
        <MediaTile
          key={media.id}
          media={media}
          query={query}
          onDelete={() => {
            focusAfterDelete.current = index;
          }}
        />
      ))}
    </ul>
  );
}
