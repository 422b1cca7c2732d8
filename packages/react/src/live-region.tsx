'use client';
import { useRef, useState } from 'react';

import { part } from './part.tsx';

const Region = part('p', 'live');
/** For ears alone, also where the page brings its own looks. */
const unseen = { position: 'absolute', width: 1, height: 1, margin: 0, overflow: 'hidden', clipPath: 'inset(50%)', whiteSpace: 'nowrap' } as const;

/** What is spoken: the latest word, and the same word said twice is said twice. */
export function useAnnouncer(): { say: (text: string) => void; region: React.JSX.Element } {
  const [text, setText] = useState('');
  const count = useRef(0);
  const [say] = useState(() => (words: string) => {
    count.current += 1;
    // A region that does not change is not read again.
    setText(words + '\u00a0'.repeat(count.current % 2));
  });
  return {
    say,
    region: (
      <Region role="status" aria-live="polite" style={unseen}>
        {text}
      </Region>
    ),
  };
}
