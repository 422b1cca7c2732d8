import { ProgressBar } from '@safelight/react';
import type { Job } from '@safelight/contract/jobs';

import { AiMark } from '../media/ai-mark.tsx';
import { MediaPicture } from '../media/media-picture.tsx';
import { titleOf } from '../media/title-of.ts';
import { TimeAgo } from '../parts/time-ago.tsx';
import { hrefOf } from '../route/route.ts';
import { useClient } from '../session/session.ts';
import { useAct } from '../shell/use-act.ts';
import { describeCost } from './describe-cost.ts';
import { resultOf } from './result-of.ts';

const tones = { queued: 'busy', active: 'busy', retrying: 'busy', complete: 'good', failed: 'bad', cancelled: 'plain' } as const satisfies Record<
  Job['state'],
  string
>;

type GenerationCardProps = { job: Job; prompt: string | undefined; onChanged: () => void };

/** One request: how far it is, what came of it, and in words what did not. */
export function GenerationCard({ job, prompt, onChanged }: GenerationCardProps) {
  const { state, progress, message, error } = job;
  const { media, requested, failures, cost, spendingStopped } = resultOf(job);
  const words = prompt ?? media[0]?.generated?.prompt ?? (job.type === 'generate.video' ? 'A video' : 'Pictures');
  const isOpen = state === 'queued' || state === 'active' || state === 'retrying';
  return (
    <li className="generation-card" data-job={job.id}>
      <header className="section-head">
        <h3 dir="auto" title={words}>
          {words}
        </h3>
        <span className="badge" data-tone={tones[state]}>
          {state}
        </span>
      </header>
      {isOpen && <ProgressBar className="progress" value={progress} label={`Progress of ${words.slice(0, 60)}`} />}
      {isOpen && <p className="fine">{message ?? 'waits for its turn'}</p>}
      {state === 'failed' && error !== undefined && <p className="failure-words">{error.message}</p>}
      {state === 'cancelled' && <p className="fine">{cancelledWords(spendingStopped)}</p>}
      {failures.map(({ index, message: why }) => (
        <p key={index} className="failure-words">
          {index + 1} of {requested}: {why}
        </p>
      ))}
      {media.length > 0 && (
        <ul className="generated-media">
          {media.map((one, index) => (
            <li key={one.id}>
              <a href={hrefOf('library', one.id)} aria-label={`${index + 1} of ${media.length}: ${titleOf(one)}`}>
                <MediaPicture media={one} sizes="14rem" className="framed-picture" lazy alt={one.altText ?? ''} />
              </a>
              <AiMark media={one} />
            </li>
          ))}
        </ul>
      )}
      <footer className="generation-foot">
        <span className="fine">
          <TimeAgo at={job.createdAt} />
          {cost !== null && ` · ${describeCost(cost)}`}
        </span>
        <CardAction job={job} isOpen={isOpen} onChanged={onChanged} />
      </footer>
    </li>
  );
}

function CardAction({ job, isOpen, onChanged }: { job: Job; isOpen: boolean; onChanged: () => void }) {
  const client = useClient();
  const { busy, act } = useAct(onChanged);
  if (isOpen)
    return (
      <button
        className="button small"
        type="button"
        aria-disabled={busy}
        onClick={() => void act('It could not be cancelled', async () => await client.jobs.cancel(job.id))}
      >
        {busy ? 'Cancelling…' : 'Cancel'}
      </button>
    );
  if (job.state !== 'failed' || job.error?.retryable !== true) return null;
  return (
    <button
      className="button small"
      type="button"
      aria-disabled={busy}
      onClick={() => void act('It could not be tried again', async () => await client.jobs.retry(job.id))}
    >
      {job.error.code === 'outcome_unknown' || job.error.code === 'provider_timeout' ? 'Try again; it may cost again' : 'Try again'}
    </button>
  );
}

/** What is known of the money after a cancellation, said as it is. */
const cancelledWords = (stopped: boolean | null): string =>
  stopped === true
    ? 'Cancelled; nothing is spent any more.'
    : stopped === false
      ? 'Cancelled too late: the provider had done the work and will bill it.'
      : 'Cancelled; the provider does not say whether it has stopped.';
