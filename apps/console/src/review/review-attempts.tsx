import type { ReviewAttempt } from '@safelight/contract/reviews';
import { useQuery } from '@tanstack/react-query';

import { TimeAgo } from '../parts/time-ago.tsx';
import { useClient } from '../session/session.ts';

const tones = { approved: 'good', rejected: 'bad', failed: 'bad', waiting: 'busy' } as const satisfies Record<ReviewAttempt['outcome'], string>;

/** Everything that was asked and answered about a photo. `version` rises when there may be more of it. */
export function ReviewAttempts({ id, version }: { id: string; version: number }) {
  const client = useClient();
  const { data: attempts = [] } = useQuery({
    queryKey: ['review-attempts', id, version],
    queryFn: ({ signal }) => client.reviews.attempts(id, { signal }),
    // Those before are shown until the next ones are there; those of another photo are not.
    placeholderData: (before, query) => (query?.queryKey[1] === id ? before : undefined),
  });
  if (attempts.length === 0) return null;
  return (
    <section aria-labelledby={`attempts-${id}`}>
      <header className="section-head">
        <h3 id={`attempts-${id}`}>Reviews</h3>
      </header>
      <ul className="attempts">
        {attempts.map((attempt) => (
          <li key={attempt.id}>
            <span className="badge" data-tone={tones[attempt.outcome]}>
              {attempt.outcome}
            </span>
            <span className="attempt-words">
              {attempt.decidedBy ?? attempt.model ?? attempt.provider}
              {attempt.reason !== null && `: ${attempt.reason}`}
              {attempt.error !== null && `: ${attempt.error.message}`}
              {attempt.categories.length > 0 && ` (${attempt.categories.join(', ')})`}
            </span>
            <span className="fine">
              <TimeAgo at={attempt.at} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
