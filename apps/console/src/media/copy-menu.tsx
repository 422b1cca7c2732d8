import type { Media } from '@safelight/contract/media';
import { useEffect, useRef, useState } from 'react';

import { Icon } from '../parts/icon.tsx';
import { apiPrefix } from '../session/page-facts.ts';
import { copiesOf } from './copy-as.ts';

/** Copies a record in the form in which another program takes it. */
export function CopyMenu({ media }: { media: Media }) {
  const [copied, setCopied] = useState<string | null>(null);
  const menu = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    if (copied === null) return undefined;
    const timer = setTimeout(() => setCopied(null), 2_000);
    return () => clearTimeout(timer);
  }, [copied]);
  useEffect(() => {
    const close = (event: Event): void => {
      if (menu.current?.open === true && !(event.target instanceof Node && menu.current.contains(event.target))) menu.current.open = false;
    };
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape' || own?.open !== true) return;
      // It is the menu's own: the page behind it stays.
      event.preventDefault();
      own.open = false;
      own.querySelector('summary')?.focus();
    };
    const own = menu.current;
    own?.addEventListener('keydown', onKeyDown);
    addEventListener('pointerdown', close);
    addEventListener('focusin', close);
    return () => {
      own?.removeEventListener('keydown', onKeyDown);
      removeEventListener('pointerdown', close);
      removeEventListener('focusin', close);
    };
  }, []);
  const copy = (name: string, text: string): void => {
    const written = 'clipboard' in navigator ? navigator.clipboard.writeText(text) : Promise.reject(new Error('no clipboard'));
    void written.then(() => setCopied(`Copied as ${name}`)).catch(() => setCopied('Not allowed here'));
    if (menu.current) menu.current.open = false;
    menu.current?.querySelector('summary')?.focus();
  };
  return (
    <details className="copy-menu" ref={menu}>
      <summary className="button small">
        <Icon name={copied === null ? 'copy' : 'check'} />
        <span aria-live="polite">{copied ?? 'Copy as'}</span>
      </summary>
      <ul>
        {copiesOf(media, location.origin, apiPrefix).map(({ name, text }) => (
          <li key={name}>
            <button type="button" onClick={() => copy(name, text)} title={text}>
              {name}
            </button>
          </li>
        ))}
      </ul>
    </details>
  );
}
