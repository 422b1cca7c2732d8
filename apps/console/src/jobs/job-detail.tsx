import { ProgressBar } from '@safelight/react';
import type { Job } from '@safelight/contract/jobs';

import { Icon } from '../parts/icon.tsx';
import { JobButtons } from './job-buttons.tsx';
import { JobFacts } from './job-facts.tsx';
import { JobTries } from './job-tries.tsx';
import { useJobActions } from './use-job-actions.ts';
import { useKnownMedia } from './use-known-media.ts';

export function JobDetail({ job, onChange }: { job: Job; onChange: () => void }) {
  const { assetId, state, progress, message, error, result } = job;
  const media = useKnownMedia(assetId === undefined ? [] : [assetId]).get(assetId ?? '');
  const actions = useJobActions(job, media, onChange);
  return (
    <>
      {state === 'active' && <ProgressBar className="progress" value={progress} label="Progress" />}
      {message !== null && <p className="soft">{message}</p>}
      <JobFacts job={job} media={media} />
      {error !== undefined && (
        <div className="notice bad">
          <Icon name="alert" />
          <div className="notice-body">
            <p>{error.message}</p>
            <p className="fine">
              <code>{error.code}</code>, {error.retryable ? 'trying again can help' : 'trying again cannot help'}
            </p>
          </div>
        </div>
      )}
      <div className="actions">
        <JobButtons job={job} actions={actions} />
      </div>
      <JobTries job={job} />
      {result !== undefined && (
        <details>
          <summary>Result</summary>
          <pre className="job-result">{JSON.stringify(result, null, 2)}</pre>
        </details>
      )}
    </>
  );
}
