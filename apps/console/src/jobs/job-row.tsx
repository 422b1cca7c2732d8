import type { Job } from '@safelight/contract/jobs';
import { useState } from 'react';

import { ProgressBar } from '../parts/progress-bar.tsx';
import { TimeAgo } from '../parts/time-ago.tsx';
import { hrefOf } from '../route/route.ts';
import { useClient } from '../session/session.ts';
import { useToast } from '../shell/toast.ts';

const tones = { queued: 'busy', active: 'busy', retrying: 'bad', complete: 'good', failed: 'bad', cancelled: 'plain' } as const satisfies Record<
  Job['state'],
  string
>;

export function JobRow({ job, onCancelled }: { job: Job; onCancelled: () => void }) {
  const client = useClient();
  const toast = useToast();
  const [asked, setAsked] = useState(false);
  const { id, type, state, progress, attempts, assetId } = job;
  const open = state === 'queued' || state === 'active' || state === 'retrying';

  const cancel = async (): Promise<void> => {
    setAsked(true);
    try {
      await client.jobs.cancel(id);
      onCancelled();
    } catch (problem) {
      setAsked(false);
      toast({ text: 'The job could not be cancelled', problem });
    }
  };

  return (
    <tr>
      <th scope="row">
        <span className="job-type">{type}</span>
        {assetId === undefined ? <code title={id}>{id.slice(-8)}</code> : <a href={hrefOf('library', assetId)}>record {assetId.slice(-8)}</a>}
      </th>
      <td>
        <span className="badge" data-tone={tones[state]}>
          {state}
        </span>
      </td>
      <td className="job-progress">
        {state === 'active' && <ProgressBar value={progress} label={`Progress of ${type} ${id.slice(-8)}`} />}
        <span className="fine">{describeJob(job)}</span>
        {attempts > 1 && <span className="fine">{attempts} attempts</span>}
      </td>
      <td className="fine">
        <TimeAgo at={job.createdAt} />
      </td>
      <td>
        {open && (
          <button className="button small" type="button" onClick={() => void cancel()} disabled={asked} aria-label={`Cancel ${type} ${id.slice(-8)}`}>
            {asked ? 'Cancelling…' : 'Cancel'}
          </button>
        )}
      </td>
    </tr>
  );
}

/** What there is to say beyond the state: what it does now, why it failed, or how long it took. */
function describeJob({ state, message, error, createdAt, updatedAt }: Job): string {
  if (state === 'complete') return `in ${((Date.parse(updatedAt) - Date.parse(createdAt)) / 1000).toFixed(1)} s`;
  return error?.message ?? message ?? '';
}
