import { jobStates as states, jobTypes as types } from '@safelight/contract/job-names';

import { EmptyState } from '../parts/empty-state.tsx';
import { ProblemNotice } from '../parts/problem-notice.tsx';
import { hrefOf } from '../route/route.ts';
import { goTo, useRoute } from '../route/use-route.ts';
import { JobDrawer } from './job-drawer.tsx';
import { JobFilters } from './job-filters.tsx';
import { JobTable } from './job-table.tsx';
import { useJobs } from './use-jobs.ts';

/** The work that goes on in the background, and one job of it in a drawer when the address names it. */
export function JobsPage() {
  const { id, query } = useRoute();
  const state = states.find((one) => one === query.get('state')) ?? '';
  const type = types.find((one) => one === query.get('type')) ?? '';
  const { items: jobs, loading, problem, hasMore, loadMore, reload } = useJobs(state, type);
  const narrow = (part: { state?: string; type?: string }): void => {
    const kept = Object.entries({ state, type, ...part }).filter(([, value]) => value !== '');
    goTo(hrefOf('jobs', null, new URLSearchParams(kept)), 'replace');
  };
  return (
    <div className="jobs-page">
      <header className="page-head">
        <h1>Jobs</h1>
        <JobFilters state={state} type={type} onChange={narrow} />
      </header>
      {problem !== null && <ProblemNotice problem={problem} title="The jobs could not be read" onRetry={reload} />}
      {loading && <div className="skeleton jobs-skeleton" role="status" aria-label="Reading the jobs" />}
      {!loading && problem === null && jobs.length === 0 && (
        <EmptyState icon="jobs" title={state === '' && type === '' ? 'No jobs yet' : 'No job is like that'}>
          <p className="soft">Work in the background appears here, with its progress.</p>
        </EmptyState>
      )}
      {jobs.length > 0 && <JobTable jobs={jobs} query={query} onChange={reload} />}
      {hasMore && (
        <div className="actions centred">
          <button className="button" type="button" onClick={loadMore}>
            Load more
          </button>
        </div>
      )}
      {id !== null && <JobDrawer key={id} id={id} onClose={() => goTo(hrefOf('jobs', null, query), 'replace')} onChange={reload} />}
    </div>
  );
}
