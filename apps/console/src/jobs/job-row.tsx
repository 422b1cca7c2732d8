import { ProgressBar } from '@safelight/react';
import type { Job } from '@safelight/contract/jobs';
import type { Media } from '@safelight/contract/media';

import { MediaPicture } from '../media/media-picture.tsx';
import { titleOf } from '../media/title-of.ts';
import { Icon } from '../parts/icon.tsx';
import { TimeAgo } from '../parts/time-ago.tsx';
import { hrefOf } from '../route/route.ts';
import { JobButtons } from './job-buttons.tsx';
import { JobState } from './job-state.tsx';
import { describeSpan, timesOf } from './job-times.ts';
import { useJobActions } from './use-job-actions.ts';

type JobRowProps = { job: Job; media: Media | undefined; query: URLSearchParams; now: number; onChange: () => void };

export function JobRow({ job, media, query, now, onChange }: JobRowProps) {
  const actions = useJobActions(job, media, onChange);
  const { id, type, state, progress, message, error, assetId, tries } = job;
  const { waitedMs, workedMs } = timesOf(job, now);
  return (
    <tr>
      <th scope="row">
        <span className="job-what">
          {media ? (
            <MediaPicture media={media} sizes="3rem" className="job-picture" lazy alt="" />
          ) : (
            <span className="picture job-picture">{type.startsWith('generate.') && <Icon name="generate" />}</span>
          )}
          <span>
            <a className="job-type" href={hrefOf('jobs', id, query)} aria-label={`${type}: details of job ${id.slice(-8)}`}>
              {type}
            </a>
            {assetId === undefined ? (
              <code title={id}>{id.slice(-8)}</code>
            ) : (
              <a dir="auto" href={hrefOf('library', assetId)}>
                {media ? titleOf(media) : `record ${assetId.slice(-8)}`}
              </a>
            )}
          </span>
        </span>
      </th>
      <td>
        <JobState state={state} />
      </td>
      <td className="job-progress">
        {state === 'active' && <ProgressBar className="progress" value={progress} label={`Progress of ${type} ${id.slice(-8)}`} />}
        <span className="fine">{error?.message ?? message}</span>
        {tries.length > 1 && <span className="fine">{tries.length} attempts</span>}
      </td>
      <td className="job-span" data-label="waited">
        {describeSpan(waitedMs)}
      </td>
      <td className="job-span" data-label="worked on">
        {tries.length === 0 ? '–' : describeSpan(workedMs)}
      </td>
      <td className="fine">
        <TimeAgo at={job.createdAt} />
      </td>
      <td className="job-buttons">
        <JobButtons job={job} actions={actions} />
      </td>
    </tr>
  );
}
