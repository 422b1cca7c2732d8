import { expect, test } from 'vitest';

import { addToast } from './add-toast.ts';

const approved = (name: string) => ({ text: `${name} was approved.`, tally: { name: 'approved', words: (count: number) => `${count} approved.` } });

test('messages with the same key become one message with a count', () => {
  const shown = ['a', 'b', 'c'].map(approved).reduce<ReturnType<typeof addToast>>(addToast, []);
  expect(shown.map(({ text }) => text)).toEqual(['3 approved.']);
  const others = addToast(addToast(shown, { text: 'Saved.' }), approved('d'));
  expect(others.map(({ text }) => text)).toEqual(['Saved.', '4 approved.']);
  expect(new Set(others.map(({ key }) => key)).size).toBe(2);
});
