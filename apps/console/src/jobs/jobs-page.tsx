import { jobStates as states, jobTypes as types } from '@safelight/contract/job-names';

import { EmptyState } from '../parts/empty-state.tsx';
import { ProblemNotice } from '../parts/problem-notice.tsx';
import { hrefOf } from '../route/route.ts';
import { goTo, useRoute } from '../route/use-route.ts';
import { JobRow } from './job-row.tsx';
import { useJobs } from './use-jobs.ts';
import { useKnownMedia } from './use-known-media.ts';

export function JobsPage() {
  const { query } = useRoute();
  const state = states.find((one) => one === query.get('state')) ?? '';
  const type = types.find((one) => one === query.get('type')) ?? '';
  const { items: jobs, loading, problem, nextCursor, loadMore, reload } = useJobs(state, type);
  const media = useKnownMedia(jobs.flatMap(({ assetId }) => (assetId === undefined ? [] : [assetId])));
  const narrow = (part: { state?: string; type?: string }): void => {
    const kept = Object.entries({ state, type, ...part }).filter(([, value]) => value !== '');
    goTo(hrefOf('jobs', null, new URLSearchParams(kept)), 'replace');
  };
  return (
    <div className="jobs-page">
      <header className="page-head">
        <h1>Jobs</h1>
        <form className="filters" aria-label="Filters" onSubmit={(event) => event.preventDefault()}>
          <label className="field">
            <span className="field-label">Type</span>
            <select value={type} onChange={(event) => narrow({ type: event.target.value })}>
              <option value="">All</option>
              {types.map((one) => (
                <option key={one}>{one}</option>
              ))}
            </select>
          </label>
          <label className="field">
            <span className="field-label">State</span>
            <select value={state} onChange={(event) => narrow({ state: event.target.value })}>
              <option value="">All</option>
              {states.map((one) => (
                <option key={one}>{one}</option>
              ))}
            </select>
          </label>
        </form>
      </header>
      {problem !== null && <ProblemNotice problem={problem} title="The jobs could not be read" onRetry={reload} />}
      {loading && <div className="skeleton jobs-skeleton" role="status" aria-label="Reading the jobs" />}
      {!loading && problem === null && jobs.length === 0 && (
        <EmptyState icon="jobs" title={state === '' && type === '' ? 'Nothing to do' : 'No job is like that'}>
          <p className="soft">Work that goes on in the background appears here, with its real progress.</p>
        </EmptyState>
      )}
      {jobs.length > 0 && (
        <div className="job-table">
          <table>
            <caption className="visually-hidden">Jobs, the newest first</caption>
            <thead>
              <tr>
                <th scope="col">Job</th>
                <th scope="col">State</th>
                <th scope="col">Progress</th>
                <th scope="col">Queued</th>
                <th scope="col">
                  <span className="visually-hidden">Actions</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {jobs.map((job) => (
                <JobRow key={job.id} job={job} media={job.assetId === undefined ? undefined : media.get(job.assetId)} onChange={reload} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {nextCursor !== null && (
        <div className="actions centred">
          <button className="button" type="button" onClick={loadMore}>
            Load more
          </button>
        </div>
      )}
    </div>
  );
}
