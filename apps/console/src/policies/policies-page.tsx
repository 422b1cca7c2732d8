import { useCallback, useEffect } from 'react';

import { useLive } from '../live/live.ts';
import { ProblemNotice } from '../parts/problem-notice.tsx';
import { useLoaded } from '../parts/use-loaded.ts';
import { useRoute } from '../route/use-route.ts';
import { useClient } from '../session/session.ts';
import { CollectionCard } from './collection-card.tsx';
import { PolicyDetail } from './policy-detail.tsx';

/** Every collection with its live rules, and one policy to change when the address names it. */
export function PoliciesPage() {
  const client = useClient();
  const { onEvent } = useLive();
  const { id } = useRoute();
  const load = useCallback((signal: AbortSignal) => client.rules.list({ signal }), [client]);
  const { value, problem, reload } = useLoaded(load);
  useEffect(() => onEvent(({ event }) => void (event === 'policy_changed' && reload())), [onEvent, reload]);
  if (id !== null)
    return (
      <div className="policies-page">
        <PolicyDetail key={id} collection={id} />
      </div>
    );
  return (
    <div className="policies-page">
      <header className="page-head">
        <h1>Policies</h1>
        <p className="soft">What each collection takes now. A change holds for the next request on every server; nothing has to be deployed.</p>
      </header>
      {problem !== null && <ProblemNotice problem={problem} title="The rules could not be read" onRetry={reload} />}
      {value === null && problem === null && <div className="skeleton jobs-skeleton" role="status" aria-label="Reading the rules" />}
      <ul className="collections">
        {value?.map((rules) => (
          <li key={rules.collection}>
            <CollectionCard rules={rules} />
          </li>
        ))}
      </ul>
    </div>
  );
}
