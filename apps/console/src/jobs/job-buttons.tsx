import type { Job } from '@safelight/contract/jobs';

import type { JobActions } from './use-job-actions.ts';

export function JobButtons({ job: { id, type }, actions: { cancel, retry, asked } }: { job: Job; actions: JobActions }) {
  const name = `${type} ${id.slice(-8)}`;
  return (
    <>
      {retry && (
        <button className="button small" type="button" onClick={retry} aria-label={`Try again: ${name}`}>
          Try again
        </button>
      )}
      {cancel && (
        <button className="button small" type="button" onClick={cancel} aria-disabled={asked} aria-label={`${asked ? 'Cancelling…' : 'Cancel'} ${name}`}>
          {asked ? 'Cancelling…' : 'Cancel'}
        </button>
      )}
    </>
  );
}
