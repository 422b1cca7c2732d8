import { useEffect, useState } from 'react';

import { Icon } from '../parts/icon.tsx';
import { ProblemNotice } from '../parts/problem-notice.tsx';
import { useNow } from '../parts/use-now.ts';
import type { Toast } from './toast.ts';

const shortMs = 6_000;

export function ToastCard({ toast, onDismiss }: { toast: Toast; onDismiss: () => void }) {
  const { text, problem, undo, until } = toast;
  const now = useNow(250);
  const [shownAt] = useState(now);
  const [isHeld, setHeld] = useState(false);
  const end = until ?? shownAt + shortMs;
  // What somebody points at or has the focus on stays, unless its undo is over.
  const over = problem === undefined && now >= end && (until !== undefined || !isHeld);
  useEffect(() => {
    if (over) onDismiss();
  }, [over, onDismiss]);

  return (
    <div
      className="toast"
      data-tone={problem === undefined ? 'plain' : 'bad'}
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      {problem === undefined ? <p>{text}</p> : <ProblemNotice title={text} problem={problem} />}
      {undo && (
        <button
          className="button small"
          type="button"
          aria-keyshortcuts="Control+Z Meta+Z"
          onClick={() => {
            onDismiss();
            undo();
          }}
        >
          <Icon name="undo" />
          Undo
          {until !== undefined && <span className="countdown" aria-hidden="true">{`${Math.max(0, Math.ceil((until - now) / 1000))} s`}</span>}
        </button>
      )}
      <button className="icon-button" type="button" onClick={onDismiss} aria-label="Dismiss this message">
        <Icon name="close" />
      </button>
    </div>
  );
}
