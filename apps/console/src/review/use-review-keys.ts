import { useEffect, useLayoutEffect, useRef } from 'react';

type Named = 'approve' | 'reject' | 'previous' | 'next' | 'claim' | 'select' | 'undo' | 'leave';
export type ReviewKeys = Partial<Record<Named, () => void>> & {
  /** Of the keys 1 to 9, from 0. */
  preset?: (index: number) => void;
};

const keys: Readonly<Record<string, Named>> = {
  a: 'approve',
  r: 'reject',
  c: 'claim',
  x: 'select',
  u: 'undo',
  ArrowLeft: 'previous',
  ArrowUp: 'previous',
  ArrowRight: 'next',
  ArrowDown: 'next',
  Escape: 'leave',
};

/** The keys of the review page, while they are switched on and nobody writes or answers a dialog. */
export function useReviewKeys(on: boolean, actions: ReviewKeys): void {
  const current = useRef(actions);
  // Before the screen shows it: a quick key would be about the photo that was there a moment ago.
  useLayoutEffect(() => {
    current.current = actions;
  });
  useEffect(() => {
    if (!on) return undefined;
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.repeat || event.ctrlKey || event.metaKey || event.altKey || isBusyElsewhere(event.key, event.target)) return;
      const { preset } = current.current;
      const act = /^[1-9]$/.test(event.key) ? preset && (() => preset(Number(event.key) - 1)) : namedBy(event.key, current.current);
      if (!act) return;
      event.preventDefault();
      act();
    };
    addEventListener('keydown', onKeyDown);
    return () => removeEventListener('keydown', onKeyDown);
  }, [on]);
}

function namedBy(key: string, actions: ReviewKeys): (() => void) | undefined {
  const name = keys[key.length === 1 ? key.toLowerCase() : key];
  return name === undefined ? undefined : actions[name];
}

/** A checkbox and a player take no letters, so those go on working right after one was used. The arrows move about within a recording. */
function isBusyElsewhere(key: string, target: EventTarget | null): boolean {
  if (document.querySelector('dialog[open]') !== null) return true;
  if (!(target instanceof HTMLElement)) return false;
  return target.matches(key.startsWith('Arrow') ? `${writing}, video, audio, input[type="range"]` : writing);
}

const writing = 'textarea, select, input:not([type="checkbox"], [type="range"])';
