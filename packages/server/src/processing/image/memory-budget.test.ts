import { expect, test } from 'vitest';
import { createMemoryBudget } from './memory-budget.ts';

const never = new AbortController().signal;

test('requests that fit are granted at once, the rest when memory is released, in order', async () => {
  const budget = createMemoryBudget(100);
  const granted: string[] = [];
  const first = await budget.reserve(60, never);
  const large = budget.reserve(90, never).then((giveBack) => {
    granted.push('large');
    return giveBack;
  });
  const small = budget.reserve(30, never).then((giveBack) => {
    granted.push('small');
    return giveBack;
  });
  expect(budget.reservedBytes()).toBe(60);
  first();
  (await large)();
  await small;
  expect(granted).toEqual(['large', 'small']);
  expect(budget.reservedBytes()).toBe(30);
});

test('a request that can never fit is refused instead of waiting for ever', async () => {
  await expect(createMemoryBudget(100).reserve(101, never)).rejects.toMatchObject({ code: 'resource_limit' });
});

test('a caller that gives up waiting lets the next one in', async () => {
  const budget = createMemoryBudget(100);
  await budget.reserve(50, never);
  const impatient = new AbortController();
  const large = budget.reserve(80, impatient.signal);
  const small = budget.reserve(20, never);
  impatient.abort(new Error('gone'));
  await expect(large).rejects.toThrow('gone');
  await small;
  expect(budget.reservedBytes()).toBe(70);
});

test('releasing twice counts once', async () => {
  const budget = createMemoryBudget(100);
  const giveBack = await budget.reserve(40, never);
  await budget.reserve(40, never);
  giveBack();
  giveBack();
  expect(budget.reservedBytes()).toBe(40);
});

test('memory that is kept while nobody needs it is taken back as soon as somebody waits', async () => {
  const budget = createMemoryBudget(100);
  const takenBack: string[] = [];
  const giveBack = budget.keep(60, () => takenBack.push('kept'));
  expect(budget.keptBytes()).toBe(60);
  await budget.reserve(40, never);
  expect(budget.reservedBytes()).toBe(40);
  expect(takenBack).toEqual([]);
  const waiting = budget.reserve(30, never);
  expect(takenBack).toEqual(['kept']);
  expect(budget.keep(1, () => {})).toBeNull();
  giveBack?.();
  await waiting;
  expect(budget.reservedBytes()).toBe(70);
  expect(budget.keep(31, () => {})).toBeNull();
});
