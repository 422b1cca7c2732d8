import { createContext, useContext } from 'react';

export type Toast = {
  text: string;
  tone?: 'plain' | 'bad';
  /** While a message of the same tally is shown, it counts on in that one: its own words stand for one, these for more. */
  tally?: { name: string; words: (count: number) => string };
  /** A failure: shown with its sentence and request id until it is dismissed. */
  problem?: unknown;
  /** `Ctrl+Z` runs the newest one's, too. */
  undo?: () => void;
  /** Until when it can be undone, in milliseconds since 1970; the toast counts down and goes then. */
  until?: number;
};
export type ShowToast = (toast: Toast) => void;

export const ToastContext = createContext<ShowToast | null>(null);

export function useToast(): ShowToast {
  const show = useContext(ToastContext);
  if (show === null) throw new Error('Only what stands below ToastProvider can show a toast.');
  return show;
}
