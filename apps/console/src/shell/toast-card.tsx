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
  const end = until ?? shownAt + shortMs;
  const over = problem === undefined && now >= end;
  useEffect(() => {
    if (over) onDismiss();
  }, [over, onDismiss]);

  return (
    <div className="toast" data-tone={problem === undefined ? 'plain' : 'bad'}>
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
