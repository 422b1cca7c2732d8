import type { GenerationModel } from '@safelight/contract/generation';
import { expect, test } from 'vitest';

import { describePrice } from './describe-cost.ts';
import { emptyDraft, requestOf, unitsOf } from './request-of.ts';

const model: GenerationModel = {
  provider: 'openai',
  model: 'lamp-1',
  kinds: ['image'],
  sizes: ['1024x1024'],
  aspectRatios: [],
  resolutions: [],
  qualities: ['low', 'high'],
  durations: [],
  maxN: 4,
  seed: false,
  inputs: ['image', 'mask'],
  progress: false,
  cancel: 'before_sending',
  available: true,
  reason: null,
  shutdownDate: null,
  price: { perImage: 0.04, currency: 'EUR' },
};
const video: GenerationModel = {
  ...model,
  kinds: ['video'],
  sizes: [],
  aspectRatios: ['16:9'],
  qualities: [],
  durations: [4, 8],
  inputs: ['first_frame'],
  price: null,
};

test('contains what the model accepts and nothing left over from another', () => {
  const draft = { ...emptyDraft, prompt: 'a lamp', n: 9, size: '1024x1024', aspectRatio: '16:9', quality: 'low', seconds: '8', seed: '7' };
  const inputs = [
    { mediaId: 'a', role: 'image', name: 'a.jpg' },
    { mediaId: 'b', role: 'first_frame', name: 'b.jpg' },
  ];
  expect(requestOf(model, { ...draft, inputs })).toEqual({
    prompt: 'a lamp',
    provider: 'openai',
    model: 'lamp-1',
    n: 4,
    size: '1024x1024',
    quality: 'low',
    inputs: [{ mediaId: 'a', role: 'image' }],
  });
  expect(requestOf(video, { ...draft, inputs })).toEqual({
    prompt: 'a lamp',
    provider: 'openai',
    model: 'lamp-1',
    aspectRatio: '16:9',
    durationSeconds: 8,
    inputs: [{ mediaId: 'b', role: 'first_frame' }],
  });
});

test('the price is shown for the current request, and not if there is none', () => {
  expect(describePrice(model, unitsOf(model, { ...emptyDraft, n: 3 }))).toMatch(/^about .*0[.,]12/);
  expect(describePrice(video, unitsOf(video, emptyDraft))).toBeNull();
  expect(describePrice({ ...model, price: { currency: 'EUR', perMillionOutputTokens: 40 } }, 1)).toBe('priced by what the provider counts');
});
