import type { Job } from '@safelight/contract/jobs';
import type { Media } from '@safelight/contract/media';
import { useState } from 'react';

import { MediaPicture } from '../media/media-picture.tsx';
import { ProgressBar } from '../parts/progress-bar.tsx';
import { TimeAgo } from '../parts/time-ago.tsx';
import { hrefOf } from '../route/route.ts';
import { useClient, useSession } from '../session/session.ts';
import { useToast } from '../shell/toast.ts';

const tones = { queued: 'busy', active: 'busy', retrying: 'bad', complete: 'good', failed: 'bad', cancelled: 'plain' } as const satisfies Record<
  Job['state'],
  string
>;

type JobRowProps = { job: Job; media: Media | undefined; onChange: () => void };

export function JobRow({ job, media, onChange }: JobRowProps) {
  const client = useClient();
  const toast = useToast();
  const [asked, setAsked] = useState(false);
  const mayWrite = useSession().claims.may('media:write');
  const { id, type, state, progress, attempts, assetId } = job;
  const again = againOf(job, media);
  const open = state === 'queued' || state === 'active' || state === 'retrying';

  const cancel = async (): Promise<void> => {
    setAsked(true);
    try {
      await client.jobs.cancel(id);
      onChange();
    } catch (problem) {
      setAsked(false);
      toast({ text: 'The job could not be cancelled', problem });
    }
  };
  const retry = async (): Promise<void> => {
    try {
      await (again === 'media' && assetId !== undefined ? client.media.retry(assetId) : client.jobs.retry(id));
      toast({ text: 'It is tried again.' });
      onChange();
    } catch (problem) {
      toast({ text: 'It could not be tried again', problem });
    }
  };

  return (
    <tr>
      <th scope="row">
        <span className="job-what">
          {media ? <MediaPicture media={media} sizes="3rem" className="job-picture" lazy alt="" /> : <span className="job-picture" />}
          <span>
            <span className="job-type">{type}</span>
            {assetId === undefined ? (
              <code title={id}>{id.slice(-8)}</code>
            ) : (
              <a href={hrefOf('library', assetId)}>{media?.originalFileName ?? `record ${assetId.slice(-8)}`}</a>
            )}
          </span>
        </span>
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
        {mayWrite && again !== null && (
          <button className="button small" type="button" onClick={() => void retry()} aria-label={`Try ${type} ${id.slice(-8)} again`}>
            Try again
          </button>
        )}
        {mayWrite && open && (
          <button className="button small" type="button" onClick={() => void cancel()} disabled={asked} aria-label={`Cancel ${type} ${id.slice(-8)}`}>
            {asked ? 'Cancelling…' : 'Cancel'}
          </button>
        )}
      </td>
    </tr>
  );
}

/** How a failed job is tried again: what failed of a record by the record, a generation by itself. Null where that cannot help. */
function againOf({ state, type, error }: Job, media: Media | undefined): 'media' | 'job' | null {
  if (state !== 'failed') return null;
  if (type === 'generate.image' || type === 'generate.video') return error?.retryable === false ? null : 'job';
  return media?.failure?.retryable === true ? 'media' : null;
}

/** What there is to say beyond the state: what it does now, why it failed, or how long it took. */
function describeJob({ state, message, error, createdAt, updatedAt }: Job): string {
  if (state === 'complete') return `in ${((Date.parse(updatedAt) - Date.parse(createdAt)) / 1000).toFixed(1)} s`;
  return error?.message ?? message ?? '';
}
