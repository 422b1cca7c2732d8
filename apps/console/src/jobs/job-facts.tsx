import type { Job } from '@safelight/contract/jobs';
import type { Media } from '@safelight/contract/media';
import type { ReactNode } from 'react';

import { CopyButton } from '../parts/copy-button.tsx';
import { titleOf } from '../media/title-of.ts';
import { TimeAgo } from '../parts/time-ago.tsx';
import { useNow } from '../parts/use-now.ts';
import { hrefOf } from '../route/route.ts';
import { JobState } from './job-state.tsx';
import { describeSpan, timesOf } from './job-times.ts';

export function JobFacts({ job, media }: { job: Job; media: Media | undefined }) {
  const { id, assetId, state, createdAt, retryOf } = job;
  const { waitedMs, workedMs } = timesOf(job, useNow(1_000));
  return (
    <dl className="record">
      <Fact name="State">
        <JobState state={state} />
      </Fact>
      {assetId !== undefined && (
        <Fact name="About">
          <a dir="auto" href={hrefOf('library', assetId)}>
            {media ? titleOf(media) : assetId}
          </a>
        </Fact>
      )}
      <Fact name="Queued">
        <TimeAgo at={createdAt} />
      </Fact>
      <Fact name="Waited">{describeSpan(waitedMs)}</Fact>
      <Fact name="Worked on">{describeSpan(workedMs)}</Fact>
      {retryOf !== undefined && (
        <Fact name="Tries again">
          <a href={hrefOf('jobs', retryOf)}>{retryOf.slice(-8)}</a>
        </Fact>
      )}
      <Fact name="Id">
        <code>{id}</code> <CopyButton text={id} label="Copy the id" />
      </Fact>
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
