import { useCallback, useEffect, useMemo, useRef } from 'react';

import { EmptyState } from '../parts/empty-state.tsx';
import { ProblemNotice } from '../parts/problem-notice.tsx';
import { useLoaded } from '../parts/use-loaded.ts';
import { hrefOf } from '../route/route.ts';
import { goTo, useRoute } from '../route/use-route.ts';
import { useClient } from '../session/session.ts';
import { filterOf, queryOf } from './library-filter.ts';
import { LibraryFilters } from './library-filters.tsx';
import { LibraryDetail } from './library-detail.tsx';
import { MediaGrid } from './media-grid.tsx';
import { useLibrary } from './use-library.ts';

/** Everything there is, and one record of it when the address names one. The grid stays where it was meanwhile. */
export function LibraryPage() {
  const client = useClient();
  const { id, query } = useRoute();
  const search = query.toString();
  const filter = useMemo(() => filterOf(new URLSearchParams(search)), [search]);
  const library = useLibrary(filter);
  const loadRules = useCallback((signal: AbortSignal) => client.rules.list({ signal }), [client]);
  const rules = useLoaded(loadRules);
  const { items, loading, problem, nextCursor, loadMore, reload } = library;
  const filtered = search !== '';
  useWayBack(id);

  return (
    <div className="library-page">
      {id !== null && <LibraryDetail id={id} items={items} query={query} />}
      <div hidden={id !== null}>
        <header className="page-head">
          <h1>Library</h1>
          <LibraryFilters
            filter={filter}
            collections={rules.value?.map(({ collection }) => collection) ?? []}
            onChange={(part) => goTo(hrefOf('library', null, queryOf({ ...filter, ...part })), 'replace')}
          />
        </header>
        {problem !== null && <ProblemNotice problem={problem} title="The library could not be read" onRetry={items.length === 0 ? reload : loadMore} />}
        {items.length === 0 && loading === null && problem === null && (
          <EmptyState icon="library" title={filtered ? 'Nothing matches these filters' : 'The library is empty'}>
            <p className="soft">{filtered ? 'Choose others, or look at everything.' : 'What is uploaded appears here.'}</p>
            <a className="button primary" href={filtered ? hrefOf('library') : hrefOf('upload')}>
              {filtered ? 'Show everything' : 'Upload a photo'}
            </a>
          </EmptyState>
        )}
        <MediaGrid items={items} loading={loading} query={query} />
        {nextCursor !== null && <MoreButton busy={loading === 'more'} onMore={loadMore} />}
      </div>
    </div>
  );
}

/** Loads by itself when it comes near, and by hand for those who do not scroll. */
function MoreButton({ busy, onMore }: { busy: boolean; onMore: () => void }) {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!button.current) return undefined;
    const observer = new IntersectionObserver((entries) => entries.some(({ isIntersecting }) => isIntersecting) && onMore(), { rootMargin: '600px' });
    observer.observe(button.current);
    return () => observer.disconnect();
  }, [onMore]);
  return (
    <div className="actions centred">
      <button ref={button} className="button" type="button" onClick={onMore} aria-disabled={busy}>
        {busy ? 'Loading more…' : 'Load more'}
      </button>
    </div>
  );
}

/** Comes back to where one was in the grid, with the eyes and with the keyboard. */
function useWayBack(id: string | null): void {
  const position = useRef(0);
  const lookedAt = useRef<string | null>(null);
  useEffect(() => {
    if (id !== null) {
      lookedAt.current = id;
      scrollTo(0, 0);
      return undefined;
    }
    scrollTo(0, position.current);
    if (lookedAt.current !== null) document.querySelector<HTMLElement>(`[data-media="${CSS.escape(lookedAt.current)}"]`)?.focus({ preventScroll: true });
    const remember = (): void => {
      position.current = scrollY;
    };
    addEventListener('scroll', remember, { passive: true });
    return () => removeEventListener('scroll', remember);
  }, [id]);
}
