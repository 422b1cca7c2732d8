import { useCallback, useEffect, useLayoutEffect, useRef, useState, type RefObject } from 'react';

/** Which rows of a long list are in the document, and how many columns they have. */
export type Window = { columns: number; first: number; last: number };

/** `least` is the least width of a column; null where each item has a row of its own. In pixels, as are all here. */
export type RowShape = { height: number; gap: number; least: number | null };

/** Rows beyond what is seen that are there already, so that neither a wheel nor a tabulator runs into nothing. */
const beyond = 4;
/** Before the page has been measured. */
const atFirst: Window = { columns: 4, first: 0, last: 12 };

export function rowsInView(shape: RowShape, list: { top: number; width: number }, viewHeight: number, count: number): Window {
  const columns = shape.least === null ? 1 : Math.max(1, Math.floor((list.width + shape.gap) / (shape.least + shape.gap)));
  const rows = Math.ceil(count / columns);
  const step = shape.height + shape.gap;
  const last = Math.min(rows, Math.ceil((viewHeight - list.top) / step) + beyond);
  return { columns, first: Math.max(0, Math.min(Math.floor(-list.top / step) - beyond, rows - 1)), last: Math.max(last, Math.min(rows, 1)) };
}

/** Follows the page's scrolling and the list's width. While the list is not displayed, it stays as it was. */
export function useWindow(list: RefObject<HTMLElement | null>, count: number, shape: RowShape): Window {
  const [shown, setShown] = useState(atFirst);
  const latest = useRef({ count, shape });
  const measure = useCallback(() => {
    const element = list.current;
    if (element === null || element.offsetParent === null) return;
    const { top, width } = element.getBoundingClientRect();
    const now = rowsInView(latest.current.shape, { top, width }, innerHeight, latest.current.count);
    setShown((before) => (before.columns === now.columns && before.first === now.first && before.last === now.last ? before : now));
  }, [list]);
  useLayoutEffect(() => {
    latest.current = { count, shape };
    measure();
  });
  useEffect(() => {
    const observer = new ResizeObserver(measure);
    if (list.current) observer.observe(list.current);
    addEventListener('scroll', measure, { passive: true });
    addEventListener('resize', measure);
    return () => {
      observer.disconnect();
      removeEventListener('scroll', measure);
      removeEventListener('resize', measure);
    };
  }, [list, measure]);
  return shown;
}
