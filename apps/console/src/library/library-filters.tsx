import { mostChars } from '@safelight/contract/limits';
import { useEffect, useRef, useState } from 'react';

import { Icon } from '../parts/icon.tsx';
import { isSince, isSort, kindNames, sinceWords, sortWords, stateNames, type LibraryFilter } from './library-filter.ts';
import { SelectField } from './select-field.tsx';

type LibraryFiltersProps = {
  filter: LibraryFilter;
  collections: readonly string[];
  onChange: (part: Partial<LibraryFilter>) => void;
  /** With a whole id: a person who pastes one wants that record. */
  onJump: (id: string) => void;
};

export const wholeId = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

const asWords = (names: readonly string[]): [string, string][] => names.map((name) => [name, name]);

export function LibraryFilters({ filter, collections, onChange, onJump }: LibraryFiltersProps) {
  return (
    <form className="filters library-filters" role="search" aria-label="Filters" onSubmit={(event) => event.preventDefault()}>
      <SearchField asked={filter.q} onAsk={(q) => onChange({ q })} onJump={onJump} />
      <SelectField label="Collection" value={filter.collection} options={asWords(collections)} all="All" onChange={(collection) => onChange({ collection })} />
      <SelectField
        label="Kind"
        value={filter.kind}
        options={asWords(kindNames)}
        all="All"
        onChange={(value) => onChange({ kind: kindNames.find((kind) => kind === value) ?? '' })}
      />
      <SelectField
        label="Status"
        value={filter.status}
        options={asWords(stateNames)}
        all="All"
        // What has another status has not failed by that code, and was not published lately.
        onChange={(value) => onChange({ failure: '', publishedSince: '', status: stateNames.find((state) => state === value) ?? '' })}
      />
      {filter.failure !== '' && (
        <div className="field">
          <span className="field-label">Failed by</span>
          <button className="button" type="button" aria-label={`Not only what failed by ${filter.failure}`} onClick={() => onChange({ failure: '' })}>
            <code>{filter.failure}</code>
            <Icon name="close" />
          </button>
        </div>
      )}
      {filter.publishedSince !== '' && (
        <div className="field">
          <span className="field-label">Published</span>
          <button
            className="button"
            type="button"
            aria-label="Not only what was published in the last 24 hours"
            onClick={() => onChange({ publishedSince: '' })}
          >
            {sinceWords[filter.publishedSince]}
            <Icon name="close" />
          </button>
        </div>
      )}
      <SelectField
        label="Uploaded"
        value={filter.since}
        options={Object.entries(sinceWords)}
        all="At any time"
        onChange={(since) => onChange({ since: isSince(since) ? since : '' })}
      />
      <SelectField label="Order" value={filter.sort} options={Object.entries(sortWords)} onChange={(sort) => isSort(sort) && onChange({ sort })} />
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
