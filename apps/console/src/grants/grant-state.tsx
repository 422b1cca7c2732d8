import { useNow } from '../parts/use-now.ts';
import type { Grant } from '@safelight/contract/grants';

import { conditionOf, type GrantCondition } from './describe-grant.ts';

const tones = { open: 'good', 'used up': 'busy', expired: 'bad', revoked: 'bad' } as const satisfies Record<GrantCondition, string>;

export function GrantState({ grant }: { grant: Grant }) {
  const condition = conditionOf(grant, new Date(useNow(60_000)));
  return (
    <span className="badge" data-tone={tones[condition]}>
      {condition}
    </span>
  );
}
