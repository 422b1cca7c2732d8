import { useQuery } from '@tanstack/react-query';

import { ProblemNotice } from '../parts/problem-notice.tsx';
import { useRoute } from '../route/use-route.ts';
import { useClient } from '../session/session.ts';
import { CollectionCard } from './collection-card.tsx';
import { PolicyDetail } from './policy-detail.tsx';
import { rulesOptions } from './rules-options.ts';

/** Every collection with its live rules, and one policy to change when the address names it. */
export function PoliciesPage() {
  const client = useClient();
  const { id } = useRoute();
  const { data: all, error, refetch } = useQuery(rulesOptions(client));
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
        <p className="soft">What each collection accepts now. A change applies to the next request on every server, without a deployment.</p>
      </header>
      {error !== null && <ProblemNotice problem={error} title="The rules could not be read" onRetry={() => void refetch()} />}
      {all === undefined && error === null && <div className="skeleton jobs-skeleton" role="status" aria-label="Reading the rules" />}
      <ul className="collections">
        {all?.map((rules) => (
          <li key={rules.collection}>
            <CollectionCard rules={rules} />
          </li>
        ))}
      </ul>
    </div>
  );
}
