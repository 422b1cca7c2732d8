import type { PolicyHistory as History } from '@safelight/contract/policies';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { ProblemNotice } from '../parts/problem-notice.tsx';
import { TimeAgo } from '../parts/time-ago.tsx';
import { useClient } from '../session/session.ts';
import { PolicyDiff } from './policy-diff.tsx';

const pageSize = 10;
const chosen = { review: 'What was there waits for a review.', grandfather: 'What was there passed without a review.' } as const;

/** Every change and who made it, the newest first. `version` rises with each change. */
export function PolicyHistory({ collection, version }: { collection: string; version: number }) {
  const client = useClient();
  const [limit, setLimit] = useState(pageSize);
  const { data, error, refetch } = useQuery({
    queryKey: ['policy-history', collection, version, limit],
    queryFn: ({ signal }) => client.policies.history(collection, { limit }, { signal }),
    placeholderData: keepPreviousData,
  });
  return (
    <section className="policy-history" aria-labelledby="history-head">
      <header className="section-head">
        <h2 id="history-head">History</h2>
      </header>
      {error !== null && <ProblemNotice problem={error} title="The history could not be read" onRetry={() => void refetch()} />}
      <ol>
        {data?.changes.map((change) => (
          <li key={change.id}>
            <Change change={change} />
          </li>
        ))}
      </ol>
      {data !== undefined && data.nextCursor !== null && limit < 200 && (
        <button className="button small" type="button" onClick={() => setLimit((before) => Math.min(200, before + 50))}>
          Show older ones
        </button>
      )}
    </section>
  );
}

function Change({ change: { at, by, changed, before, after, reviewExisting } }: { change: History['changes'][number] }) {
  return (
    <>
      <p className="change-head">
        <strong>{before === null ? 'First values' : by}</strong>{' '}
        <span className="fine">
          {before === null && 'from the configuration, '}
          <TimeAgo at={at} />
        </span>
      </p>
      {before === null ? (
        <details>
          <summary>{changed.length} values</summary>
          <PolicyDiff keys={changed} before={null} after={after} />
        </details>
      ) : (
        <PolicyDiff keys={changed} before={before} after={after} />
      )}
      {reviewExisting !== null && <p className="fine">{chosen[reviewExisting]}</p>}
    </>
  );
}
