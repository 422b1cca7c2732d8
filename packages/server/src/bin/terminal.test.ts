import { expect, test } from 'vitest';

import { createProgressBar } from './progress-bar.ts';
import { bytesText, table } from './terminal.ts';

test('a table is aligned, even with colours in it', () => {
  expect(table(['a', 'b'], [['\u001b[31mlong one\u001b[39m', 'x']])).toBe('a         b\n\u001b[31mlong one\u001b[39m  x');
});

test.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1536, '1.5 KB'],
  [880_703, '860 KB'],
  [5 * 2 ** 30, '5.0 GB'],
])('%i bytes are "%s"', (bytes, text) => expect(bytesText(bytes)).toBe(text));

test('a progress bar is drawn at most ten times a second, fits the terminal, and leaves a clean line', () => {
  const written: string[] = [];
  let now = 0;
  const bar = createProgressBar({
    label: 'Comparing',
    enabled: true,
    now: () => now,
    stream: { columns: 60, write: (text: string) => written.push(text) > 0 },
  });
  bar.update(50, 200);
  now = 99;
  bar.update(51, 200);
  now = 2_000;
  bar.update(100, 200);
  bar.clear();
  expect(written).toHaveLength(3);
  expect(written[0]).toContain('Comparing ██████░░░░░░░░░░░░░░░░░░ 25 % 50 of 200');
  expect(written[0]?.length).toBeLessThan(60 + 5);
  expect(written[1]).toContain('50 % 100 of 200 50/s');
  expect(written[2]).toBe('\r\u001b[K');
});

test('without a terminal there is no bar', () => {
  const written: string[] = [];
  createProgressBar({ label: 'x', enabled: false, stream: { columns: 80, write: (text: string) => written.push(text) > 0 } }).update(1, 2);
  expect(written).toEqual([]);
});
