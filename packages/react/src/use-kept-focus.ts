'use client';
import { useEffect, useRef, type FocusEvent } from 'react';

type KeptFocus = { tabIndex: -1; onFocus: (event: FocusEvent<HTMLElement>) => void; onBlur: () => void };

/**
 * Properties of an element that takes the focus itself if the focused element inside it is removed, such as the undo button after the last
 * undo. The browser would move the focus to the page, where keys have no effect and a screen reader starts over.
 */
export function useKeptFocus(): KeptFocus {
  const focused = useRef<HTMLElement | null>(null);
  useEffect(() => {
    const { current } = focused;
    if (current && !current.contains(current.ownerDocument.activeElement)) current.focus({ preventScroll: true });
  });
  return {
    tabIndex: -1,
    onFocus({ currentTarget }) {
      focused.current = currentTarget;
    },
    // React does not report that an element lost the focus because it was removed.
    onBlur() {
      focused.current = null;
    },
  };
}
