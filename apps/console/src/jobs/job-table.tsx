import type { Job } from '@safelight/contract/jobs';

import { useNow } from '../parts/use-now.ts';
import { JobRow } from './job-row.tsx';
import { useKnownMedia } from './use-known-media.ts';

export function JobTable({ jobs, query, onChange }: { jobs: readonly Job[]; query: URLSearchParams; onChange: () => void }) {
  const media = useKnownMedia(jobs.flatMap(({ assetId }) => (assetId === undefined ? [] : [assetId])));
  const now = useNow(1_000);
  return (
    <div className="job-table">
      <table>
        <caption className="visually-hidden">Jobs, the newest first</caption>
        <thead>
          <tr>
            <th scope="col">Job</th>
            <th scope="col">State</th>
            <th scope="col">Progress</th>
            <th scope="col">Waited</th>
            <th scope="col">Worked on</th>
            <th scope="col">Queued</th>
            <th scope="col">
              <span className="visually-hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {jobs.map((job) => (
            <JobRow key={job.id} job={job} query={query} now={now} media={job.assetId === undefined ? undefined : media.get(job.assetId)} onChange={onChange} />
          ))}
        </tbody>
      </table>
    </div>
  );
}
