import { useEffect, useRef } from 'react';

export type ReviewKeys = Partial<Record<'approve' | 'reject' | 'previous' | 'next' | 'claim' | 'select' | 'leave', () => void>>;

const keys: Readonly<Record<string, keyof ReviewKeys>> = {
  a: 'approve',
  r: 'reject',
  c: 'claim',
  x: 'select',
  ArrowLeft: 'previous',
  ArrowUp: 'previous',
  ArrowRight: 'next',
  ArrowDown: 'next',
  Escape: 'leave',
};

/** The keys of the review page, while they are switched on and nobody writes or answers a dialog. */
export function useReviewKeys(on: boolean, actions: ReviewKeys): void {
  const current = useRef(actions);
  useEffect(() => {
    current.current = actions;
  });
  useEffect(() => {
    if (!on) return undefined;
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.repeat || event.ctrlKey || event.metaKey || event.altKey || isBusyElsewhere(event.target)) return;
      const name = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
      const act = name === undefined ? undefined : current.current[name];
      if (!act) return;
      event.preventDefault();
      act();
    };
    addEventListener('keydown', onKeyDown);
    return () => removeEventListener('keydown', onKeyDown);
  }, [on]);
}

/** A checkbox takes no letters, so the keys go on working right after one was ticked. */
function isBusyElsewhere(target: EventTarget | null): boolean {
  if (document.querySelector('dialog[open]') !== null) return true;
  return target instanceof HTMLElement && target.matches('textarea, select, input:not([type="checkbox"])');
}
