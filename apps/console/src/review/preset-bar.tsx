type PresetBarProps = { presets: readonly string[]; disabled: boolean; busy: boolean; onReject: (reason: string) => void };

/** Reasons that are given often: a click, or the key that stands before it, rejects with it. */
export function PresetBar({ presets, disabled, busy, onReject }: PresetBarProps) {
  if (presets.length === 0) return null;
  return (
    <ul className="preset-bar" aria-label="Reject with a reason">
      {presets.map((reason, index) => (
        <li key={reason}>
          <button
            className="button small"
            type="button"
            disabled={disabled}
            aria-disabled={busy}
            aria-keyshortcuts={String(index + 1)}
            onClick={() => onReject(reason)}
          >
            <kbd aria-hidden="true">{index + 1}</kbd>
            <span className="visually-hidden">Reject: </span>
            {reason}
          </button>
        </li>
      ))}
    </ul>
  );
}
