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
 * Escape, with the position announced. `lifted` is the key of the item that is being moved.
 */
export function useReorder(reorder: Reorder): { lifted: string | null; handle: (key: string) => HandleProps } {
  const { lifted, setLifted, latest, focused, move, lift, drop, putBack } = useMoves(reorder);
  const onKeyDown = (key: string, event: KeyboardEvent): void => {
    const handle = event.currentTarget as HTMLElement;
    const at = latest.current.indexOf(key);
    const to = stepsOf(handle, at, latest.current.length)[event.key];
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
    drag(list, {
      over: (other) => other !== key && move(key, latest.current.indexOf(other)),
      end: (isDropped) => (isDropped ? drop(key) : putBack(key)),
    });
  };

  const handle = (key: string): HandleProps => ({
    onKeyDown: (event) => onKeyDown(key, event),
    onPointerDown: (event) => onPointerDown(key, event),
    onBlur: () => {
      // Only when the focus really leaves, not when moving the element takes it away for a moment.
      if (lifted === key) requestAnimationFrame(() => document.activeElement !== focused.current && setLifted((now) => (now === key ? null : now)));
    },
    'aria-pressed': lifted === key,
  });
  return { lifted, handle };
}

/** The actions on an item, each announced in words. */
function useMoves({ keys, nameOf, onMove, labels, say }: Reorder) {
  const [lifted, setLifted] = useState<string | null>(null);
  const from = useRef(0);
  const focused = useRef<HTMLElement | null>(null);
  const latest = useRef(keys);
  useEffect(() => {
    latest.current = keys;
    // Moving an element takes the focus away from its content.
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
  return { lifted, setLifted, latest, focused, move, lift, drop, putBack };
}

/** The target position of each key, in reading direction. */
function stepsOf(handle: HTMLElement, at: number, length: number): Record<string, number> {
  const isRTL = getComputedStyle(handle).direction === 'rtl';
  const [left, right] = isRTL ? [at + 1, at - 1] : [at - 1, at + 1];
  return { ArrowUp: at - 1, ArrowDown: at + 1, ArrowLeft: left, ArrowRight: right, Home: 0, End: length - 1 };
}

/** Follows the pointer over the items of a list until it is released or cancelled. */
function drag(list: Element, { over, end }: { over: (key: string) => void; end: (isDropped: boolean) => void }): void {
  const own = new AbortController();
  const { signal } = own;
  const finish = (isDropped: boolean): void => {
    own.abort();
    end(isDropped);
  };
  const onPointerMove = ({ clientX, clientY }: globalThis.PointerEvent): void => {
    const item = document.elementFromPoint(clientX, clientY)?.closest<HTMLElement>('[data-key]');
    if (item?.parentElement === list) over(item.dataset['key'] ?? '');
  };
  addEventListener('pointermove', onPointerMove, { signal });
  addEventListener('pointerup', () => finish(true), { signal });
  addEventListener('pointercancel', () => finish(false), { signal });
  // The item may be removed while it is dragged.
  addEventListener('blur', () => finish(false), { signal });
}
