import { useEffect, useState } from 'react';

import { Icon, type IconName } from './icon.tsx';

/** Copies a text and says for a moment that it did. */
export function CopyButton({ text, children, label }: { text: string | (() => string); children?: string; label?: string }) {
  const [state, setState] = useState<'idle' | 'copied' | 'refused'>('idle');
  useEffect(() => {
    if (state === 'idle') return undefined;
    const timer = setTimeout(() => setState('idle'), 2_000);
    return () => clearTimeout(timer);
  }, [state]);
  const copy = (): void => {
    // It only exists on https and localhost.
    if (!('clipboard' in navigator)) {
      setState('refused');
      return;
    }
    const written = navigator.clipboard.writeText(typeof text === 'string' ? text : text());
    void written.then(() => setState('copied')).catch(() => setState('refused'));
  };
  const said = { idle: children, copied: 'Copied', refused: 'Not allowed here' }[state];
  const icon = { idle: 'copy', copied: 'check', refused: 'close' } as const satisfies Record<typeof state, IconName>;
  return (
    <button className={children === undefined ? 'icon-button' : 'button small'} type="button" onClick={copy} aria-label={label} title={said ?? label}>
      <Icon name={icon[state]} />
      <span className={children === undefined ? 'visually-hidden' : ''} aria-live="polite">
        {said}
      </span>
    </button>
  );
}
