import { expect, test } from 'vitest';

import { costOf, expectedCost } from './cost-of.ts';

const prices = {
  currency: 'EUR',
  models: {
    'gemini/by-piece': { perImage: 0.04 },
    'gemini/by-second': { perSecond: 0.1 },
    'openai/by-token': { perMillionInputTokens: 5, perMillionOutputTokens: 40 },
    'compatible/both': { perImage: 0.01, perMillionOutputTokens: 1 },
  },
};
const image = (model: string, units: number, usage: unknown = null) => {
  const [provider = '', name = ''] = model.split('/');
  return { provider, model: name, kind: 'image' as const, units, usage };
};

test('the cost of outputs with a unit price is known in advance, and is finally what was billed', () => {
  expect(expectedCost(prices, image('gemini/by-piece', 3))).toBe(0.12);
  expect(costOf(prices, image('gemini/by-piece', 2))).toBe(0.08);
  expect(expectedCost(prices, { provider: 'gemini', model: 'by-second', kind: 'video', units: 8 })).toBe(0.8);
  expect(costOf(prices, image('gemini/by-piece', 0))).toBe(0);
});

test.each([
  ['OpenAI', [{ input_tokens: 100, output_tokens: 4000, total_tokens: 4100 }], 0.1605],
  ['Gemini', [{ promptTokenCount: 100, candidatesTokenCount: 1300, thoughtsTokenCount: 700, totalTokenCount: 2100 }], 0.0805],
  ['interactions of Gemini', [{ total_input_tokens: 20, total_output_tokens: 900 }], 0.0361],
  [
    'two calls',
    [
      { input_tokens: 100, output_tokens: 4000 },
      { input_tokens: 100, output_tokens: 4000 },
    ],
    0.321,
  ],
])('tokens are counted as %s names them', (_who, usage, cost) => {
  expect(expectedCost(prices, image('openai/by-token', 1))).toBeNull();
  expect(costOf(prices, image('openai/by-token', 1, usage))).toBe(cost);
});

test('without a price or a count the cost is unknown, never zero', () => {
  expect(costOf(prices, image('openai/other', 1))).toBeNull();
  expect(costOf(prices, image('openai/by-token', 1, [{}]))).toBeNull();
  expect(costOf(prices, image('compatible/both', 1))).toBeNull();
  expect(costOf(prices, image('compatible/both', 1, [{ output_tokens: 1_000_000 }]))).toBe(1.01);
});
