'use client';
import { mostChars } from '@safelight/client';
import { useId, useState } from 'react';

import { part } from './part.tsx';
import type { ReviewLabels } from './review-labels.ts';
import type { Queued } from './review-snapshot.ts';
import type { Turn } from './use-review.ts';
import type { ReviewQueueOfHook } from './use-review-queue.ts';

const Row = part('div', 'decide');
const Button = part('button', 'decision');

type DecideProps = {
  item: Queued | undefined;
  queue: ReviewQueueOfHook;
  labels: ReviewLabels;
  turn: Turn;
  onDecide: (decision: 'approved' | 'rejected', reason?: string) => void;
  onUndo: () => void;
  onClaim: () => void;
  onRelease: () => void;
};

/** The decision buttons. They are not disabled while a decision is being sent, because a disabled button would lose the focus. */
export function Decide({ item, queue: { items, presets, isBusy, last }, labels, turn, onDecide, onUndo, onClaim, onRelease }: DecideProps): React.JSX.Element {
  const id = useId();
  const [reason, setReason] = useState('');
  const waits = { type: 'button' as const, 'aria-disabled': isBusy };
  // The server would refuse a decision on an item that another moderator has claimed.
  const decides = { ...waits, disabled: turn === 'others' };
  const reject = (): void => {
    onDecide('rejected', reason.trim());
    setReason('');
  };
  return (
    <>
      {item && (
        <Row>
          <Button {...decides} data-state="approve" aria-keyshortcuts="A" onClick={() => onDecide('approved')}>
            {labels.approve}
          </Button>
          <Button {...decides} data-state="reject" aria-keyshortcuts="R" onClick={reject}>
            {labels.reject}
          </Button>
          <label htmlFor={id}>{labels.reason}</label>
          <input id={id} value={reason} maxLength={mostChars.decisionReason} onChange={({ target }) => setReason(target.value)} />
        </Row>
      )}
      <Row>
        {item &&
          presets.map((preset, index) => (
            <Button key={preset} {...decides} aria-keyshortcuts={String(index + 1)} onClick={() => onDecide('rejected', preset)}>
              {labels.rejectWith(preset)}
            </Button>
          ))}
        {items.length > 0 && (
          <Button {...waits} aria-keyshortcuts="C" onClick={onClaim}>
            {labels.claim}
          </Button>
        )}
        {turn === 'mine' && (
          <Button {...waits} aria-keyshortcuts="Escape" onClick={onRelease}>
            {labels.release}
          </Button>
        )}
        {last && (
          <Button {...waits} aria-keyshortcuts="U" onClick={onUndo}>
            {labels.undo}
          </Button>
        )}
      </Row>
    </>
  );
}
