import type { MediaRules } from '@safelight/contract/media-rules';

import { describeRules } from '../format/describe-rules.ts';
import { hrefOf } from '../route/route.ts';
import { writeValue } from './human-value.ts';

export function CollectionCard({ rules }: { rules: MediaRules }) {
  const { collection, photoReviewEnabled, undoWindowSeconds, version } = rules;
  return (
    <a className="collection-card" href={hrefOf('policies', collection)}>
      <span className="collection-head">
        <strong>{collection}</strong>
        <span className="badge" data-tone={photoReviewEnabled ? 'good' : 'plain'}>
          {photoReviewEnabled ? 'Gate on' : 'Gate off'}
        </span>
      </span>
      <span className="fine">{describeRules(rules).join(' · ')}</span>
      <span className="fine">
        Deletions can be undone for {writeValue('seconds', undoWindowSeconds)} · version {version}
      </span>
    </a>
  );
}
