import { Icon } from '../parts/icon.tsx';

const hints = [
  ['A', 'approve'],
  ['R', 'reject'],
  ['U', 'undo'],
  ['C', 'claim next'],
  ['X', 'select'],
  ['Z', '1:1'],
  ['Esc', 'release'],
] as const;

type ShortcutHintProps = { on: boolean; onChange: (on: boolean) => void; presets: readonly string[]; onUndo: (() => void) | undefined };

export function ShortcutHint({ on, onChange, presets, onUndo }: ShortcutHintProps) {
  return (
    <div className="shortcuts" data-on={on}>
      <div className="shortcuts-head">
        <label className="check">
          <input type="checkbox" checked={on} onChange={(event) => onChange(event.target.checked)} />
          Keyboard
        </label>
        <button className="button small" type="button" aria-disabled={onUndo === undefined} onClick={onUndo} aria-keyshortcuts="U">
          <Icon name="undo" />
          Undo the last decision
        </button>
      </div>
      <ul aria-label="Keys">
        <li>
          <kbd>
            <Icon name="previous" />
          </kbd>
          <kbd>
            <Icon name="next" />
          </kbd>{' '}
          <span className="visually-hidden">Arrow keys:</span> previous, next
        </li>
        {hints.map(([key, meaning]) => (
          <li key={key}>
            <kbd>{key}</kbd> {meaning}
          </li>
        ))}
        {presets.length > 0 && (
          <li>
            <kbd>1</kbd>–<kbd>{presets.length}</kbd> reject with a reason
          </li>
        )}
      </ul>
    </div>
  );
}
