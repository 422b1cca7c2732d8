import { Icon } from '../parts/icon.tsx';

const hints = [
  ['A', 'approve'],
  ['R', 'reject'],
  ['C', 'claim next'],
  ['X', 'select'],
  ['Z', '1:1'],
  ['Esc', 'release'],
] as const;

export function ShortcutHint({ on, onChange }: { on: boolean; onChange: (on: boolean) => void }) {
  return (
    <div className="shortcuts" data-on={on}>
      <label className="check">
        <input type="checkbox" checked={on} onChange={(event) => onChange(event.target.checked)} />
        Keyboard
      </label>
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
      </ul>
    </div>
  );
}
