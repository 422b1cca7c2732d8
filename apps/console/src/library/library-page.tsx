import { useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef } from 'react';

import { Icon } from '../parts/icon.tsx';
import { EmptyState } from '../parts/empty-state.tsx';
import { ProblemNotice } from '../parts/problem-notice.tsx';
import { rulesOptions } from '../policies/rules-options.ts';
import { hrefOf } from '../route/route.ts';
import { goTo, useRoute } from '../route/use-route.ts';
import { useClient, useSession } from '../session/session.ts';
import { filterOf, narrows, queryOf } from './library-filter.ts';
import { LibraryFilters, wholeId } from './library-filters.tsx';
import { LibraryDetail } from './library-detail.tsx';
import { MediaGrid } from './media-grid.tsx';
import { SelectionBar } from './selection-bar.tsx';
import { useBulkActions } from './use-bulk-actions.ts';
import { useLibrary } from './use-library.ts';
import { useLibraryView, type LibraryView } from './use-library-view.ts';
import { useSelection } from './use-selection.ts';

/** Everything there is, and one record of it when the address names one. The grid stays where it was meanwhile. */
export function LibraryPage() {
  const client = useClient();
  const { id, query } = useRoute();
  const search = query.toString();
  const filter = useMemo(() => filterOf(new URLSearchParams(search)), [search]);
  const library = useLibrary(filter);
  const { data: rules } = useQuery(rulesOptions(client));
  const { items, loading, problem, hasMore, loadMore, retry, drop } = library;
  const filtered = narrows(filter);
  const [view, setView] = useLibraryView();
  const { selected, ...selection } = useSelection(items);
  const bulk = useBulkActions(drop);
  const mayWrite = useSession().claims.may('media:write');
  const jump = useCallback((to: string) => goTo(hrefOf('library', to)), []);
  usePastedId(jump);
  useEscape(id === null && selected.length > 0, selection.clear);

  return (
    <div className="library-page">
      {id !== null && <LibraryDetail id={id} items={items} query={query} />}
      <div hidden={id !== null}>
        <header className="page-head">
          <div className="library-title">
            <h1>Library</h1>
            <ViewSwitch view={view} onChange={setView} />
          </div>
          <LibraryFilters
            filter={filter}
            collections={rules?.map(({ collection }) => collection) ?? []}
            onJump={jump}
            onChange={(part) => goTo(hrefOf('library', null, queryOf({ ...filter, ...part })), 'replace')}
          />
        </header>
        {problem !== null && <ProblemNotice problem={problem} title="The library could not be read" onRetry={retry} />}
        {items.length === 0 && loading === null && problem === null && (
          <EmptyState icon="library" title={filtered ? 'Nothing matches' : 'The library is empty'}>
            <p className="soft">
              {filtered
                ? 'The search looks for the beginnings of words in names, alternative texts, owners and entities. Try fewer words, or show everything.'
                : 'What is uploaded appears here.'}
            </p>
            {(filtered || mayWrite) && (
              <a className="button primary" href={filtered ? hrefOf('library') : hrefOf('upload')}>
                {filtered ? 'Show everything' : 'Upload a photo'}
              </a>
            )}
          </EmptyState>
        )}
        <MediaGrid items={items} loading={loading} query={query} view={view} selection={selection} openedId={id} />
        {hasMore && <MoreButton busy={loading === 'more'} count={items.length} onMore={loadMore} />}
        <SelectionBar selected={selected} bulk={bulk} onAll={selection.all} onClear={selection.clear} />
      </div>
    </div>
  );
}

/** Loads by itself when it comes near, and by hand for those who do not scroll. */
function MoreButton({ busy, count, onMore }: { busy: boolean; count: number; onMore: () => void }) {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!button.current) return undefined;
    const observer = new IntersectionObserver((entries) => entries.some(({ isIntersecting }) => isIntersecting) && onMore(), { rootMargin: '600px' });
    observer.observe(button.current);
    return () => observer.disconnect();
    // A page may be too short to move the button out of what is near, and then nothing else tells that it is.
  }, [count, onMore]);
  return (
    <div className="actions centred">
      <button ref={button} className="button" type="button" onClick={onMore} aria-disabled={busy}>
        {busy ? 'Loading more…' : 'Load more'}
      </button>
    </div>
  );
}

function ViewSwitch({ view, onChange }: { view: LibraryView; onChange: (view: LibraryView) => void }) {
  return (
    <div className="view-switch" role="group" aria-label="Layout">
      <button type="button" aria-pressed={view === 'grid'} onClick={() => onChange('grid')} aria-label="Grid" title="Grid">
        <Icon name="library" />
      </button>
      <button type="button" aria-pressed={view === 'list'} onClick={() => onChange('list')} aria-label="List" title="List">
        <Icon name="list" />
      </button>
    </div>
  );
}

/** An id that is pasted anywhere but into a field leads to its record. */
function usePastedId(jump: (id: string) => void): void {
  useEffect(() => {
    const onPaste = (event: ClipboardEvent): void => {
      const text = event.clipboardData?.getData('text/plain').trim() ?? '';
      if (!wholeId.test(text) || (event.target instanceof HTMLElement && event.target.matches('input, textarea'))) return;
      event.preventDefault();
      jump(text.toLowerCase());
    };
    addEventListener('paste', onPaste);
    return () => removeEventListener('paste', onPaste);
  }, [jump]);
}

function useEscape(on: boolean, run: () => void): void {
  useEffect(() => {
    if (!on) return undefined;
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.key === 'Escape' && !event.defaultPrevented && document.querySelector('dialog[open]') === null) run();
    };
    addEventListener('keydown', onKeyDown);
    return () => removeEventListener('keydown', onKeyDown);
  }, [on, run]);
}
