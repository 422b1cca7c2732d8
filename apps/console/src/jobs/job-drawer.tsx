import { jobOptions } from '@safelight/react/hooks';
import { useQuery } from '@tanstack/react-query';
import { useCallback } from 'react';

import { recoveryOf } from '../live/recovery-of.ts';
import { useReadOn } from '../live/use-read-on.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Icon } from '../parts/icon.tsx';
import { ProblemNotice } from '../parts/problem-notice.tsx';
import { useClient } from '../session/session.ts';
import { JobDetail } from './job-detail.tsx';
import { isMoving } from './is-moving.ts';

const pollMs = 2_000;

/** One job beside the list, as it goes. */
export function JobDrawer({ id, onClose, onChange }: { id: string; onClose: () => void; onChange: () => void }) {
  const client = useClient();
  const options = jobOptions(client, id);
  const {
    data: job,
    error,
    refetch,
  } = useQuery({
    ...options,
    refetchInterval: (query) => (query.state.data !== undefined && isMoving(query.state.data) ? pollMs : recoveryOf(query)),
  });
  useReadOn(
    options.queryKey,
    useCallback(({ data }) => data.jobId === id, [id]),
  );
  const changed = (): void => {
    void refetch();
    onChange();
  };
  return (
    <Dialog label={job === undefined ? 'Job' : `Job ${job.type} ${id.slice(-8)}`} className="drawer" onClose={onClose}>
      <header className="detail-head">
        <h2>{job?.type ?? 'Job'}</h2>
        <button className="icon-button" type="button" onClick={onClose} aria-label="Close the details">
          <Icon name="close" />
        </button>
      </header>
      {error !== null && <ProblemNotice problem={error} title="The job could not be read" onRetry={() => void refetch()} />}
      {job === undefined && error === null && <div className="skeleton jobs-skeleton" role="status" aria-label="Reading the job" />}
      {job !== undefined && <JobDetail job={job} onChange={changed} />}
    </Dialog>
  );
}
