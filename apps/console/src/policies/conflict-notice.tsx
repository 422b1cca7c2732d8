import type { Policy } from '@safelight/contract/media-rules';

import { useLayoutEffect, useRef } from 'react';

import { Icon } from '../parts/icon.tsx';
import { PolicyDiff } from './policy-diff.tsx';
import { changedBetween } from './policy-draft.ts';
import { labelOf } from './policy-fields.ts';

type ConflictNoticeProps = { base: Policy; current: Policy; mine: readonly string[]; focused: boolean; onReapply: () => void; onDiscard: () => void };

/**
 * Somebody else was first: what they changed, and the two ways on. It is `focused` when saving found it out, which takes the eyes from the
 * button, too; it comes into view then.
 */
export function ConflictNotice({ base, current, mine, focused, onReapply, onDiscard }: ConflictNoticeProps) {
  const theirs = changedBetween(base, current);
  const ref = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (focused) ref.current?.focus();
  }, [focused]);
  const both = theirs.filter((key) => mine.includes(key));
  return (
    <div ref={ref} className="notice warn" role="alert" tabIndex={-1}>
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
