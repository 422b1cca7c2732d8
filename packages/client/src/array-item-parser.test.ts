import { expect, test } from 'vitest';

import { createArrayItemParser } from './array-item-parser.ts';

const report = { found: [{ key: 'a"]}{[\\', more: { deep: [1] } }, { key: 'é🌄' }], summary: { total: 2, kinds: [1, 2] } };
const text = `\n${JSON.stringify(report, null, 1)}\n`;

test.each([1, 2, 3, 7, 1000])('finds the same items when the document arrives in pieces of %i', (size) => {
  const parser = createArrayItemParser();
  const items: unknown[] = [];
  for (let at = 0; at < text.length; at += size) items.push(...parser.push(text.slice(at, at + size)));
  expect(items).toEqual(report.found);
  expect(parser.end()).toEqual({ ...report, found: [] });
});

test('yields an item as soon as it is complete', () => {
  const parser = createArrayItemParser();
  expect(parser.push('{"found":[{"key":1},{"ke')).toEqual([{ key: 1 }]);
  expect(parser.push('y":2}')).toEqual([{ key: 2 }]);
});

test('reports a document that breaks off', () => {
  const parser = createArrayItemParser();
  parser.push('{"found":[{"key":1}');
  expect(parser.end()).toBeUndefined();
});

test('reads an empty array', () => {
  const parser = createArrayItemParser();
  expect(parser.push('{"found":[],"summary":{"total":0}}')).toEqual([]);
  expect(parser.end()).toEqual({ found: [], summary: { total: 0 } });
});
