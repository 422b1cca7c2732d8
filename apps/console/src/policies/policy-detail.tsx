import { Icon } from '../parts/icon.tsx';
import { ProblemNotice } from '../parts/problem-notice.tsx';
import { TimeAgo } from '../parts/time-ago.tsx';
import { hrefOf } from '../route/route.ts';
import { PolicyEditor } from './policy-editor.tsx';
import { PolicyHistory } from './policy-history.tsx';
import { usePolicy } from './use-policy.ts';

export function PolicyDetail({ collection }: { collection: string }) {
  const { value, problem, reload } = usePolicy(collection);
  return (
    <>
      <nav className="detail-nav" aria-label="Policies">
        <a className="button small quiet" href={hrefOf('policies')}>
          <Icon name="previous" />
          All collections
        </a>
      </nav>
      <header className="page-head">
        <h1>{collection}</h1>
        {value !== null && (
          <p className="fine">
            Version {value.policy.version}, changed by {value.policy.updatedBy} <TimeAgo at={value.policy.updatedAt} />
          </p>
        )}
      </header>
      {problem !== null && <ProblemNotice problem={problem} title="The policy could not be read" onRetry={reload} />}
      {value === null && problem === null && <div className="skeleton detail-skeleton" role="status" aria-label="Reading the policy" />}
      {value !== null && (
        <div className="policy-columns">
          <PolicyEditor key={collection} latest={value} onSaved={reload} />
          <PolicyHistory collection={collection} version={value.policy.version} />
        </div>
      )}
    </>
  );
}
