import { jobStates as states, jobTypes as types } from '@safelight/contract/job-names';

type JobFiltersProps = { state: string; type: string; onChange: (part: { state?: string; type?: string }) => void };

export function JobFilters({ state, type, onChange }: JobFiltersProps) {
  return (
    <form className="filters" aria-label="Filters" onSubmit={(event) => event.preventDefault()}>
      <label className="field">
        <span className="field-label">Type</span>
        <select value={type} onChange={(event) => onChange({ type: event.target.value })}>
          <option value="">All</option>
          {types.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
      </label>
      <label className="field">
        <span className="field-label">State</span>
        <select value={state} onChange={(event) => onChange({ state: event.target.value })}>
          <option value="">All</option>
          {states.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
      </label>
    </form>
  );
}
