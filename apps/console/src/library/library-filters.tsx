import { mostChars } from '@safelight/contract/limits';
import { useEffect, useRef, useState } from 'react';

import { Icon } from '../parts/icon.tsx';
import { isSince, isSort, kindNames, sinceWords, sortWords, stateNames, type LibraryFilter } from './library-filter.ts';

type LibraryFiltersProps = {
  filter: LibraryFilter;
  collections: readonly string[];
  onChange: (part: Partial<LibraryFilter>) => void;
  /** With a whole id: a person who pastes one wants that record. */
  onJump: (id: string) => void;
};

export const wholeId = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export function LibraryFilters({ filter, collections, onChange, onJump }: LibraryFiltersProps) {
  return (
    <form className="filters library-filters" role="search" aria-label="Filters" onSubmit={(event) => event.preventDefault()}>
      <SearchField asked={filter.q} onAsk={(q) => onChange({ q })} onJump={onJump} />
      <label className="field">
        <span className="field-label">Collection</span>
        <select value={filter.collection} onChange={(event) => onChange({ collection: event.target.value })}>
          <option value="">All</option>
          {collections.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <label className="field">
        <span className="field-label">Kind</span>
        <select value={filter.kind} onChange={(event) => onChange({ kind: kindNames.find((kind) => kind === event.target.value) ?? '' })}>
          <option value="">All</option>
          {kindNames.map((kind) => (
            <option key={kind}>{kind}</option>
          ))}
        </select>
      </label>
      <label className="field">
        <span className="field-label">Status</span>
        <select
          value={filter.status}
          // What has another status has not failed by that code.
          onChange={({ target }) => onChange({ failure: '', status: stateNames.find((one) => one === target.value) ?? '' })}
        >
          <option value="">All</option>
          {stateNames.map((state) => (
            <option key={state}>{state}</option>
          ))}
        </select>
      </label>
      {filter.failure !== '' && (
        <div className="field">
          <span className="field-label">Failed by</span>
          <button className="button" type="button" aria-label={`Not only what failed by ${filter.failure}`} onClick={() => onChange({ failure: '' })}>
            <code>{filter.failure}</code>
            <Icon name="close" />
          </button>
        </div>
      )}
      <label className="field">
        <span className="field-label">Uploaded</span>
        <select value={filter.since} onChange={({ target }) => onChange({ since: isSince(target.value) ? target.value : '' })}>
          <option value="">At any time</option>
          {Object.entries(sinceWords).map(([name, words]) => (
            <option key={name} value={name}>
              {words}
            </option>
          ))}
        </select>
      </label>
      <label className="field">
        <span className="field-label">Order</span>
        <select value={filter.sort} onChange={(event) => isSort(event.target.value) && onChange({ sort: event.target.value })}>
          {Object.entries(sortWords).map(([name, words]) => (
            <option key={name} value={name}>
              {words}
            </option>
          ))}
        </select>
      </label>
    </form>
  );
}

/** So long after the last letter the server is asked. */
const typingMs = 250;

/** Asks while one types; `/` leads here from anywhere on the page. */
function SearchField({ asked, onAsk, onJump }: { asked: string; onAsk: (q: string) => void; onJump: (id: string) => void }) {
  const [text, setText] = useState(asked);
  const [before, setBefore] = useState(asked);
  if (before !== asked) {
    setBefore(asked);
    if (text.trim() !== asked) setText(asked);
  }
  const field = useRef<HTMLInputElement>(null);
  const ask = useRef(onAsk);
  useEffect(() => {
    ask.current = onAsk;
  });
  useEffect(() => {
    if (text.trim() === asked) return undefined;
    const timer = setTimeout(() => ask.current(text.trim()), typingMs);
    return () => clearTimeout(timer);
  }, [text, asked]);
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.target instanceof HTMLElement && event.target.matches('input, textarea, select')) return;
      event.preventDefault();
      field.current?.focus();
    };
    addEventListener('keydown', onKeyDown);
    return () => removeEventListener('keydown', onKeyDown);
  }, []);
  const jump = (value: string): boolean => {
    if (!wholeId.test(value.trim())) return false;
    setText('');
    onJump(value.trim().toLowerCase());
    return true;
  };
  return (
    <label className="field search-field">
      <span className="field-label">Search</span>
      <span className="search-box">
        <Icon name="search" />
        <input
          ref={field}
          type="search"
          value={text}
          maxLength={mostChars.search}
          placeholder="Name, text, owner, entity or id"
          aria-keyshortcuts="/"
          onChange={(event) => jump(event.target.value) || setText(event.target.value)}
          onKeyDown={(event) => event.key === 'Enter' && ask.current(text.trim())}
        />
      </span>
    </label>
  );
}
