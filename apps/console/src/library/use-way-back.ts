import { useLayoutEffect, useRef, type RefObject } from 'react';

/**
 * Comes back from a record to where one was in the list, with the eyes and with the keyboard: answers the record that is to have the focus.
 * Before the list measures what is in view of it, and before the browser paints: a hidden list makes the page short, and the scrolling that
 * follows from it is not the person's.
 */
export function useWayBack(openedId: string | null): RefObject<string | null> {
  const position = useRef(0);
  const lookedAt = useRef<string | null>(null);
  const focusRef = useRef<string | null>(null);
  useLayoutEffect(() => {
    if (openedId !== null) {
      lookedAt.current = openedId;
      scrollTo(0, 0);
      return undefined;
    }
    scrollTo(0, position.current);
    focusRef.current = lookedAt.current;
    const remember = (): void => {
      position.current = scrollY;
    };
    addEventListener('scroll', remember, { passive: true });
    return () => removeEventListener('scroll', remember);
  }, [openedId]);
  return focusRef;
}
