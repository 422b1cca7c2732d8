'use client';
import { useEffect, useRef, useState, type KeyboardEvent, type PointerEvent } from 'react';

import type { Labels } from './labels.ts';

type Reorder = {
  keys: readonly string[];
  nameOf: (key: string) => string;
  onMove: (key: string, to: number) => void;
  labels: Labels;
  say: (text: string) => void;
};

export type HandleProps = {
  onKeyDown: (event: KeyboardEvent) => void;
  onPointerDown: (event: PointerEvent) => void;
  onBlur: () => void;
  'aria-pressed': boolean;
};

/**
 * Moves items by a handle: with the pointer, or lifted by Space, moved by arrows, Home and End, dropped by Space and put back by
 * Escape, with the position spoken. `lifted` is the key of the one that is moving.
 */
export function useReorder({ keys, nameOf, onMove, labels, say }: Reorder): { lifted: string | null; handle: (key: string) => HandleProps } {
  const [lifted, setLifted] = useState<string | null>(null);
  const from = useRef(0);
  const focused = useRef<HTMLElement | null>(null);
  const latest = useRef(keys);
  useEffect(() => {
    latest.current = keys;
    // Moving an element takes the focus from what is in it.
    if (lifted !== null) focused.current?.focus();
  }, [keys, lifted]);

  const move = (key: string, to: number): void => {
    const at = latest.current.indexOf(key);
    const within = Math.max(0, Math.min(latest.current.length - 1, to));
    if (at === within) return;
    onMove(key, within);
    say(labels.moved(nameOf(key), within + 1, latest.current.length));
  };
  const lift = (key: string, handle: HTMLElement): void => {
    focused.current = handle;
    from.current = latest.current.indexOf(key);
    setLifted(key);
    say(`${labels.grabbed(nameOf(key), from.current + 1, latest.current.length)} ${labels.reorderHint}`);
  };
  const drop = (key: string): void => {
    setLifted(null);
    say(labels.dropped(nameOf(key), latest.current.indexOf(key) + 1, latest.current.length));
  };
  const putBack = (key: string): void => {
    onMove(key, from.current);
    setLifted(null);
    say(labels.cancelled(nameOf(key)));
  };

  const onKeyDown = (key: string, event: KeyboardEvent): void => {
    const handle = event.currentTarget as HTMLElement;
    const at = latest.current.indexOf(key);
    const isRTL = getComputedStyle(handle).direction === 'rtl';
    const steps: Record<string, number> = {
      ArrowUp: at - 1,
      ArrowDown: at + 1,
      ArrowLeft: at + (isRTL ? 1 : -1),
      ArrowRight: at + (isRTL ? -1 : 1),
      Home: 0,
      End: latest.current.length - 1,
    };
    const to = steps[event.key];
    if (event.key === ' ' || event.key === 'Enter') {
      if (lifted === key) drop(key);
      else lift(key, handle);
    } else if (lifted === key && event.key === 'Escape') putBack(key);
    else if (lifted === key && to !== undefined) move(key, to);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  const onPointerDown = (key: string, event: PointerEvent): void => {
    if (event.button !== 0) return;
    const handle = event.currentTarget as HTMLElement;
    const cell = handle.closest('[data-key]');
    const list = cell?.parentElement;
    if (!list) return;
    event.preventDefault();
    handle.focus();
    lift(key, handle);
    const own = new AbortController();
    const onPointerMove = ({ clientX, clientY }: globalThis.PointerEvent): void => {
      const over = document.elementFromPoint(clientX, clientY)?.closest<HTMLElement>('[data-key]');
      if (over?.parentElement === list && over.dataset['key'] !== key) move(key, latest.current.indexOf(over.dataset['key'] ?? ''));
    };
    const finish = (end: () => void): void => {
      own.abort();
      end();
    };
    const { signal } = own;
    addEventListener('pointermove', onPointerMove, { signal });
    addEventListener('pointerup', () => finish(() => drop(key)), { signal });
    addEventListener('pointercancel', () => finish(() => putBack(key)), { signal });
    // It may be taken away while it is dragged.
    addEventListener('blur', () => finish(() => putBack(key)), { signal });
  };

  const handle = (key: string): HandleProps => ({
    onKeyDown: (event) => onKeyDown(key, event),
    onPointerDown: (event) => onPointerDown(key, event),
    onBlur: () => {
      // Only when it is left, not when moving it takes the focus for a moment.
      if (lifted === key) requestAnimationFrame(() => document.activeElement !== focused.current && setLifted((now) => (now === key ? null : now)));
    },
    'aria-pressed': lifted === key,
  });
  return { lifted, handle };
}
