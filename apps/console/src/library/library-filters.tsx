import { kindNames, statusNames, type LibraryFilter } from './library-filter.ts';

type LibraryFiltersProps = { filter: LibraryFilter; collections: readonly string[]; onChange: (part: Partial<LibraryFilter>) => void };

export function LibraryFilters({ filter, collections, onChange }: LibraryFiltersProps) {
  return (
    <form className="filters" aria-label="Filters" onSubmit={(event) => event.preventDefault()}>
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
        <select value={filter.status} onChange={(event) => onChange({ status: statusNames.find((status) => status === event.target.value) ?? '' })}>
          <option value="">All</option>
          {statusNames.map((status) => (
            <option key={status}>{status}</option>
          ))}
        </select>
      </label>
    </form>
  );
}
