import { useEffect, useState } from 'react';

import { Icon } from './icon.tsx';

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
  return (
    <button className={children === undefined ? 'icon-button' : 'button small'} type="button" onClick={copy} aria-label={label} title={label}>
      <Icon name={state === 'copied' ? 'check' : 'copy'} />
      {children !== undefined && <span aria-live="polite">{said}</span>}
    </button>
  );
}
