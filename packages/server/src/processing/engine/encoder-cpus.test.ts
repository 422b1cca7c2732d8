import { expect, test } from 'vitest';

import { allButOne, cpusIn } from './encoder-cpus.ts';

test('an encoder leaves one of the processors that this process may use to others', () => {
  expect(allButOne(cpusIn('0-1'), 0)).toEqual({ list: '1', count: 1 });
  expect(allButOne(cpusIn('2,4-6'), 5)).toEqual({ list: '2,5,6', count: 3 });
});

test('where there is only one processor, or the system does not tell, there is none to leave', () => {
  expect(allButOne(cpusIn('3'), 0)).toBeNull();
  expect(allButOne(cpusIn(''), 0)).toBeNull();
});
