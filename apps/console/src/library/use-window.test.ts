import { expect, test } from 'vitest';

import { rowsInView } from './use-window.ts';

const tiles = { height: 240, gap: 16, least: 192 };

test('of a hundred thousand, only the visible items are rendered, and a few rows around them', () => {
  const atTop = rowsInView(tiles, { top: 100, width: 1200 }, 900, 100_000);
  expect(atTop).toEqual({ columns: 5, first: 0, last: 8 });
  const rows = 20_000;
  const middle = rowsInView(tiles, { top: -256 * 10_000, width: 1200 }, 900, 100_000);
  expect(middle.first).toBe(9_996);
  expect(middle.last - middle.first).toBeLessThan(20);
  expect(rowsInView(tiles, { top: -256 * rows, width: 1200 }, 900, 100_000)).toMatchObject({ last: rows });
});

test('a list has one column, a narrow page at least one, and after shrinking past the scroll position the end is shown', () => {
  expect(rowsInView({ ...tiles, least: null }, { top: 0, width: 1200 }, 900, 10).columns).toBe(1);
  expect(rowsInView(tiles, { top: 0, width: 100 }, 900, 10).columns).toBe(1);
  const shrunk = rowsInView(tiles, { top: -50_000, width: 1200 }, 900, 7);
  expect(shrunk).toEqual({ columns: 5, first: 1, last: 2 });
  expect(rowsInView(tiles, { top: 0, width: 1200 }, 900, 0)).toMatchObject({ first: 0, last: 0 });
});
