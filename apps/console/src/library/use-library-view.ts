import { useState } from 'react';

export type LibraryView = 'grid' | 'list';
const storageKey = 'safelight-library-view';

/** How the library is laid out; a browser remembers it. */
export function useLibraryView(): [view: LibraryView, change: (view: LibraryView) => void] {
  const [view, setView] = useState(readChoice);
  return [
    view,
    (next) => {
      setView(next);
      try {
        localStorage.setItem(storageKey, next);
      } catch {
        // Where storage is forbidden, the choice lasts as long as the page.
      }
    },
  ];
}

function readChoice(): LibraryView {
  try {
    return localStorage.getItem(storageKey) === 'list' ? 'list' : 'grid';
  } catch {
    return 'grid';
  }
}
