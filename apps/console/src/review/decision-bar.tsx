import type { QueuedMedia } from '@safelight/contract/reviews';
import type { Turn } from '@safelight/react/review';

import { Icon } from '../parts/icon.tsx';
import { hrefOf } from '../route/route.ts';
import { PresetBar } from './preset-bar.tsx';

export type DecisionBarProps = {
  item: QueuedMedia;
  turn: Turn;
  busy: boolean;
  presets: readonly string[];
  onApprove: () => void;
  /** Without a reason it is asked for. */
  onReject: (reason?: string) => void;
  onRelease: () => void;
  onRetry: (() => void) | undefined;
};

/** What can be decided about the one that is shown. */
export function DecisionBar({ item, turn, busy, presets, onApprove, onReject, onRelease, onRetry }: DecisionBarProps) {
  // While something is on its way the buttons stay in reach of the keyboard: a disabled one would lose the focus.
  const waits = { disabled: turn === 'others', 'aria-disabled': busy };
  return (
    <>
      <div className="actions review-actions">
        <button className="button good" type="button" {...waits} onClick={onApprove} aria-keyshortcuts="A">
          <Icon name="check" />
          Approve
        </button>
        {item.review !== 'rejected' && (
          <button className="button bad" type="button" {...waits} onClick={() => onReject()} aria-keyshortcuts="R">
            <Icon name="close" />
            Reject…
          </button>
        )}
        {onRetry && (
          <button className="button" type="button" aria-disabled={busy} onClick={onRetry}>
            <Icon name="retry" />
            Try the review again
          </button>
        )}
        {turn === 'mine' && (
          <button className="button quiet" type="button" aria-disabled={busy} onClick={onRelease} aria-keyshortcuts="Escape">
            Release
          </button>
        )}
        <a className="button quiet" href={hrefOf('library', item.id)}>
          Open the record
        </a>
      </div>
      <PresetBar presets={presets} disabled={turn === 'others'} busy={busy} onReject={onReject} />
    </>
  );
}
