import { useQuery } from '@tanstack/react-query';

import { Icon } from '../parts/icon.tsx';
import { ProblemNotice } from '../parts/problem-notice.tsx';
import { TimeAgo } from '../parts/time-ago.tsx';
import { hrefOf } from '../route/route.ts';
import { useClient } from '../session/session.ts';
import { PolicyEditor } from './policy-editor.tsx';
import { PolicyHistory } from './policy-history.tsx';
import { policyOptions } from './policy-options.ts';

export function PolicyDetail({ collection }: { collection: string }) {
  const { data: latest, error, refetch } = useQuery(policyOptions(useClient(), collection));
  return (
    <>
      <nav className="back-nav" aria-label="Policies">
        <a className="button small quiet" href={hrefOf('policies')}>
          <Icon name="previous" />
          All collections
        </a>
      </nav>
      <header className="page-head">
        <h1>{collection}</h1>
        {latest !== undefined && (
          <p className="fine">
            Version {latest.policy.version}, changed by {latest.policy.updatedBy} <TimeAgo at={latest.policy.updatedAt} />
          </p>
        )}
      </header>
      {error !== null && <ProblemNotice problem={error} title="The policy could not be read" onRetry={() => void refetch()} />}
      {latest === undefined && error === null && <div className="skeleton detail-skeleton" role="status" aria-label="Reading the policy" />}
      {latest !== undefined && (
        <div className="policy-columns">
          <PolicyEditor key={collection} latest={latest} onSaved={() => void refetch()} />
          <PolicyHistory collection={collection} version={latest.policy.version} />
        </div>
      )}
    </>
  );
}
