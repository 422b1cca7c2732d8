import type { Toast } from './toast.ts';

export type Shown = Toast & { key: number; count: number };

/** The messages with one more, or with one that has counted on. The newest four are shown. */
export function addToast(before: readonly Shown[], toast: Toast): readonly Shown[] {
  const key = Math.max(0, ...before.map((one) => one.key)) + 1;
  const { tally } = toast;
  const same = tally && before.find((one) => one.tally?.name === tally.name);
  if (!same) return [...before.slice(-3), { ...toast, key, count: 1 }];
  const count = same.count + 1;
  // Another key, so that it is there for as long as a new one.
  return [...before.filter((one) => one !== same), { ...toast, text: tally.words(count), key, count }];
}
