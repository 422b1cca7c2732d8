import type { Job } from '@safelight/contract/jobs';
import { useCallback, useEffect } from 'react';

import { useLive } from '../live/live.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Icon } from '../parts/icon.tsx';
import { ProblemNotice } from '../parts/problem-notice.tsx';
import { useLoaded } from '../parts/use-loaded.ts';
import { useClient } from '../session/session.ts';
import { JobDetail } from './job-detail.tsx';

const pollMs = 2_000;

/** One job beside the list, as it goes. */
export function JobDrawer({ id, onClose, onChange }: { id: string; onClose: () => void; onChange: () => void }) {
  const client = useClient();
  const { onEvent } = useLive();
  const load = useCallback((signal: AbortSignal) => client.jobs.read(id, { signal }), [client, id]);
  const { value: job, problem, reload } = useLoaded(load);
  useEffect(() => onEvent(({ data }) => void (data.jobId === id && reload())), [onEvent, id, reload]);
  const isOpen = job !== null && isMoving(job);
  useEffect(() => {
    if (!isOpen) return undefined;
    const timer = setInterval(reload, pollMs);
    return () => clearInterval(timer);
  }, [isOpen, reload]);
  const changed = (): void => {
    reload();
    onChange();
  };
  return (
    <Dialog label={job === null ? 'Job' : `Job ${job.type} ${id.slice(-8)}`} className="drawer" onClose={onClose}>
      <header className="detail-head">
        <h2>{job?.type ?? 'Job'}</h2>
        <button className="icon-button" type="button" onClick={onClose} aria-label="Close the details">
          <Icon name="close" />
        </button>
      </header>
      {problem !== null && <ProblemNotice problem={problem} title="The job could not be read" onRetry={reload} />}
      {job === null && problem === null && <div className="skeleton jobs-skeleton" role="status" aria-label="Reading the job" />}
      {job !== null && <JobDetail job={job} onChange={changed} />}
    </Dialog>
  );
}

const isMoving = ({ state }: Job): boolean => state === 'queued' || state === 'active' || state === 'retrying';
