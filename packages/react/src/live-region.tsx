'use client';
import { useRef, useState } from 'react';

import { part } from './part.tsx';

const Region = part('div', 'live');
/** Hidden visually, for screen readers only, also with `unstyled`. */
const unseen = 'position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap';
/** By script, not in the HTML of a server, where a strict content security policy forbids it: there the region is empty. */
const hide = (element: HTMLElement | null): void => void (element && (element.style.cssText = unseen));

/** What is announced: the latest message; a repeated message is announced again. */
export function useAnnouncer(): { say: (text: string) => void; region: React.JSX.Element } {
  const [text, setText] = useState('');
  const count = useRef(0);
  const [say] = useState(() => (words: string) => {
    count.current += 1;
    // A screen reader does not announce a region that does not change.
    setText(words + '\u00a0'.repeat(count.current % 2));
  });
  return {
    say,
    region: (
      <Region role="status" aria-live="polite" ref={hide}>
        {text}
      </Region>
    ),
  };
}
