import type { Media } from '@safelight/contract/media';
import { useEffect, useLayoutEffect, useRef } from 'react';

import { MediaDetail } from '../media/media-detail.tsx';
import { titleOf } from '../media/title-of.ts';
import { Icon } from '../parts/icon.tsx';
import { hrefOf } from '../route/route.ts';
import { goTo } from '../route/use-route.ts';

type LibraryDetailProps = { id: string; items: readonly Media[]; query: URLSearchParams };

/** One record of the library, with the ways back and to its neighbours. */
export function LibraryDetail({ id, items, query }: LibraryDetailProps) {
  const at = items.findIndex((item) => item.id === id);
  const previous = items[at - 1];
  const next = at === -1 ? undefined : items[at + 1];
  const place = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => place.current?.focus({ preventScroll: true }), [id]);
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isField(event.target)) return;
      if (event.key === 'Escape') goTo(hrefOf('library', null, query));
      else if (event.key === 'ArrowLeft' && previous) goTo(hrefOf('library', previous.id, query));
      else if (event.key === 'ArrowRight' && next) goTo(hrefOf('library', next.id, query));
    };
    addEventListener('keydown', onKeyDown);
    return () => removeEventListener('keydown', onKeyDown);
  }, [previous, next, query]);

  return (
    <div className="library-detail" ref={place} tabIndex={-1}>
      <h1 className="visually-hidden">Library</h1>
      <nav className="back-nav" aria-label="Library">
        <a className="button small quiet" href={hrefOf('library', null, query)} aria-keyshortcuts="Escape">
          <Icon name="previous" />
          Back to the library
        </a>
        <span className="actions">
          {previous && (
            <a
              className="icon-button"
              data-repeats
              href={hrefOf('library', previous.id, query)}
              aria-label={`Newer: ${titleOf(previous)}`}
              aria-keyshortcuts="ArrowLeft"
            >
              <Icon name="previous" />
            </a>
          )}
          {next && (
            <a
              className="icon-button"
              data-repeats
              href={hrefOf('library', next.id, query)}
              aria-label={`Older: ${titleOf(next)}`}
              aria-keyshortcuts="ArrowRight"
            >
              <Icon name="next" />
            </a>
          )}
        </span>
      </nav>
      <MediaDetail key={id} id={id} known={items[at] ?? null} onDeleted={() => goTo(hrefOf('library', null, query), 'replace')} />
    </div>
  );
}

const isField = (target: EventTarget | null): boolean => target instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT|VIDEO|AUDIO)$/.test(target.tagName);
