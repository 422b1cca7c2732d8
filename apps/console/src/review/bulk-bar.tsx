type BulkBarProps = {
  count: number;
  busy: boolean;
  onApprove: (() => void) | undefined;
  onReject: (() => void) | undefined;
  onRetry: (() => void) | undefined;
  onClear: () => void;
};

/** What can be done with all that are selected. */
export function BulkBar({ count, busy, onApprove, onReject, onRetry, onClear }: BulkBarProps) {
  return (
    <div className="bulk-bar" role="group" aria-label="Selected photos">
      <strong aria-live="polite">{count} selected</strong>
      <div className="actions">
        {onApprove && (
          <button className="button small good" type="button" aria-disabled={busy} onClick={onApprove}>
            Approve all
          </button>
        )}
        {onReject && (
          <button className="button small bad" type="button" aria-disabled={busy} onClick={onReject}>
            Reject all…
          </button>
        )}
        {onRetry && (
          <button className="button small" type="button" aria-disabled={busy} onClick={onRetry}>
            Try all again
          </button>
        )}
        <button className="button small quiet" type="button" onClick={onClear}>
          Clear
        </button>
      </div>
    </div>
  );
}
