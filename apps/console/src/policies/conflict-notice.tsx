import type { Policy } from '@safelight/contract/media-rules';

import { Icon } from '../parts/icon.tsx';
import { PolicyDiff } from './policy-diff.tsx';
import { labelOf } from './policy-fields.ts';

type ConflictNoticeProps = { base: Policy; current: Policy; mine: readonly string[]; onReapply: () => void; onDiscard: () => void };

/** Somebody else was first: what they changed, and the two ways on. */
export function ConflictNotice({ base, current, mine, onReapply, onDiscard }: ConflictNoticeProps) {
  const theirs = Object.keys(base).filter((key) => !describing.has(key) && JSON.stringify(valueOf(base, key)) !== JSON.stringify(valueOf(current, key)));
  const both = theirs.filter((key) => mine.includes(key));
  return (
    <div className="notice warn" role="alert">
      <Icon name="alert" />
      <div className="notice-body">
        <strong>{current.updatedBy} changed this policy meanwhile</strong>
        <PolicyDiff keys={theirs} before={{ ...base }} after={{ ...current }} />
        {mine.length > 0 && (
          <p>
            Nothing of yours was saved.{' '}
            {both.length === 0
              ? 'Your changes are about other values.'
              : `You have both changed ${both.map(labelOf).join(', ')}: reapplying would overwrite theirs.`}
          </p>
        )}
        <div className="actions">
          {mine.length > 0 && (
            <button className="button small" type="button" onClick={onReapply}>
              Put my changes on top
            </button>
          )}
          <button className="button small" type="button" onClick={onDiscard}>
            {mine.length > 0 ? 'Discard mine' : 'Show theirs'}
          </button>
        </div>
      </div>
    </div>
  );
}

/** Differ with every version and say nothing of their own. */
const describing = new Set(['version', 'updatedAt', 'updatedBy', 'collection']);
const valueOf = (policy: Policy, key: string): unknown => Object.entries(policy).find(([name]) => name === key)?.[1];
