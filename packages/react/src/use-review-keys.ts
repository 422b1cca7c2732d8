'use client';
import type { KeyboardEvent } from 'react';

type ReviewKeys = {
  decide: (decision: 'approved' | 'rejected', reason?: string) => void;
  undo: () => void;
  claim: () => void;
  release: () => void;
  presets: readonly string[];
  step: (by: 1 | -1) => void;
};

/** Only for keys pressed inside, because the page has its own keys, and not while a reason is typed. */
export function useReviewKeys(on: boolean, { decide, undo, claim, release, presets, step }: ReviewKeys): (event: KeyboardEvent) => void {
  return (event) => {
    const { key, target, repeat, ctrlKey, metaKey, altKey } = event;
    if (!on || repeat || ctrlKey || metaKey || altKey || (target instanceof HTMLElement && target.matches('input, textarea, select, video'))) return;
    const preset = /^[1-9]$/.test(key) ? presets[Number(key) - 1] : undefined;
    const keys: Record<string, (() => void) | undefined> = {
      a: () => decide('approved'),
      r: () => decide('rejected'),
      u: undo,
      c: claim,
      Escape: release,
      ArrowLeft: () => step(-1),
      ArrowRight: () => step(1),
    };
    const act = preset === undefined ? keys[key.length === 1 ? key.toLowerCase() : key] : () => decide('rejected', preset);
    if (!act) return;
    event.preventDefault();
    act();
  };
}
