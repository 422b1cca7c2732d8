'use client';
import { useCallback, useEffect, useRef, useState, type RefObject } from 'react';

/** Which items of a list are in the document, and the space of the others before and after them, in pixels. */
export type Stretch = { from: number; to: number; before: number; after: number };

/** Lists up to this length are rendered completely. */
const atMost = 200;
const atFirst: Stretch = { from: 0, to: atMost, before: 0, after: 0 };

type Shape = { width: number; columns: number; step: number };

/** All rows need the same height, so that very long lists can scroll: it is measured once, and again when the width of the list changes. */
function shapeOf(list: HTMLElement): Shape | null {
  const tops = [...list.children].slice(0, atMost).map((cell) => cell.getBoundingClientRect().top);
  const columns = tops.findIndex((top) => top !== tops[0]);
  const step = (tops[columns] ?? 0) - (tops[0] ?? 0);
  return columns > 0 && step > 0 ? { width: list.clientWidth, columns, step } : null;
}

/** The visible items and as many again before and after them, so that neither scrolling nor the Tab key reaches an empty area. */
function stretchOf({ columns, step }: Shape, top: number, count: number): Stretch {
  const rows = Math.ceil(count / columns);
  const first = Math.max(0, Math.min(rows - 1, Math.floor((-top - innerHeight) / step)));
  const last = Math.max(first + 1, Math.min(rows, Math.ceil((2 * innerHeight - top) / step)));
  return { from: first * columns, to: Math.min(count, last * columns), before: first * step, after: (rows - last) * step };
}

/** A long list of which only the visible part is in the document. */
export function useWindow(list: RefObject<HTMLElement | null>, count: number): Stretch {
  const [shown, setShown] = useState(atFirst);
  const latest = useRef(shown);
  const shape = useRef<Shape | null>(null);
  const isLong = count > atMost;
  const measure = useCallback(() => {
    const element = list.current;
    // While the list is not displayed, nothing changes.
    if (!element?.clientWidth || !isLong) return;
    if (shape.current?.width !== element.clientWidth) shape.current = shapeOf(element);
    if (!shape.current) return;
    const was = latest.current;
    const now = stretchOf(shape.current, element.getBoundingClientRect().top, count);
    if (was.from === now.from && was.to === now.to && was.after === now.after) return;
    const at = [...element.children].findIndex((cell) => cell.contains(document.activeElement));
    // The focused item is removed: the keyboard continues from the list, not from the top of the page.
    if (at >= 0 && (was.from + at < now.from || was.from + at >= now.to)) element.focus({ preventScroll: true });
    latest.current = now;
    setShown(now);
  }, [list, count, isLong]);
  useEffect(() => {
    measure();
    const own = new AbortController();
    // Also scroll events of any container of the list.
    if (isLong) for (const name of ['scroll', 'resize']) addEventListener(name, measure, { passive: true, capture: true, signal: own.signal });
    return () => own.abort();
  }, [measure, isLong]);
  return isLong ? shown : { from: 0, to: count, before: 0, after: 0 };
}
