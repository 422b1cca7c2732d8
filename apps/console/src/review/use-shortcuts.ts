import { useState } from 'react';

const storageKey = 'safelight-review-keys';

/** Whether single letters decide. People who dictate or slip easily switch them off, and they stay off. */
export function useShortcuts(): [on: boolean, change: (on: boolean) => void] {
  const [on, setOn] = useState(readChoice);
  return [
    on,
    (next) => {
      setOn(next);
      try {
        localStorage.setItem(storageKey, next ? 'on' : 'off');
      } catch {
        // Where storage is forbidden, the choice lasts as long as the page.
      }
    },
  ];
}

function readChoice(): boolean {
  try {
    return localStorage.getItem(storageKey) !== 'off';
  } catch {
    return true;
  }
}
