import type { Job } from '@safelight/contract/jobs';

import { momentOf } from '../format/moment-of.ts';
import { describeSpan } from './job-times.ts';

/** Each attempt: when it began, how long it was, and how it ended. */
export function JobTries({ job: { tries, attempts, state } }: { job: Job }) {
  return (
    <section aria-labelledby="job-tries">
      <header className="section-head">
        <h3 id="job-tries">{attempts === 1 ? 'One attempt' : `${attempts} attempts`}</h3>
      </header>
      {tries.length === 0 && <p className="soft">{attempts === 0 ? 'It has not begun yet.' : 'They were before this server began to keep them.'}</p>}
      <ol className="job-tries">
        {tries.map(({ startedAt, endedAt, error }) => (
          <li key={startedAt}>
            <time dateTime={startedAt}>{momentOf(startedAt)}</time>
            <span className="badge" data-tone={error !== null ? 'bad' : endedAt === null ? 'busy' : state === 'complete' ? 'good' : 'plain'}>
              {error !== null ? 'failed' : endedAt === null ? 'at work' : state}
            </span>
            {endedAt !== null && <span className="fine">{describeSpan(Date.parse(endedAt) - Date.parse(startedAt))}</span>}
            {error !== null && (
              <p className="fine">
                {error.message} <code>{error.code}</code>
              </p>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}
